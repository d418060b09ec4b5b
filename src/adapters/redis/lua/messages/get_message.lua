#!lua flags=no-writes
-- Reads one message, and its claim if it is claimed.
--
-- KEYS[1] messages  hash, id -> record
-- KEYS[2] claims    zset, id -> fencing token
-- KEYS[3] claimed   hash, id -> claimed at, ms
-- KEYS[4] owners    hash, fencing token -> owner
-- ARGV[1] id        string, the id of the message
--
-- Returns nil if no message has this id, else {record, claimed at (ms) or '', owner of the claim or ''}
local messages, claims, claimed, owners = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local id = ARGV[1]
local record = redis.call('HGET', messages, id)
if not record then
  return nil
end
local token = redis.call('ZSCORE', claims, id)
if not token then
  return {record, '', ''}
end
return {record, redis.call('HGET', claimed, id) or '', redis.call('HGET', owners, token) or ''}
