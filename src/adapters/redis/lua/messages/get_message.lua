#!lua flags=no-writes
-- Reads one message and who has claimed it.
--
-- KEYS[1] messages  hash, id -> record
-- KEYS[2] claims    zset, id -> fencing token
-- KEYS[3] claimed   hash, id -> claimed at, ms
-- KEYS[4] owners    hash, fencing token -> owner
-- ARGV[1] id
--
-- Returns nil if there is no such message, else {record, claimed at (ms) or '', who has claimed it or ''}
local record = redis.call('HGET', KEYS[1], ARGV[1])
if not record then
  return nil
end
local token = redis.call('ZSCORE', KEYS[2], ARGV[1])
if not token then
  return {record, '', ''}
end
return {record, redis.call('HGET', KEYS[3], ARGV[1]) or '', redis.call('HGET', KEYS[4], token) or ''}
