#!lua flags=no-writes
-- Reads one message and where it stands.
--
-- KEYS[1] messages  hash, id -> record
-- KEYS[2] claims    zset, id -> fencing token
-- KEYS[3] done      zset, id -> ended at, ms
-- KEYS[4] dead      zset, id -> ended at, ms
-- ARGV[1] id
--
-- Returns nil if there is no such message, else {record, 1 if it is claimed else 0, ended at (ms) or ''}
local record = redis.call('HGET', KEYS[1], ARGV[1])
if not record then
  return nil
end
local claimed = redis.call('ZSCORE', KEYS[2], ARGV[1]) and 1 or 0
local ended_ms = redis.call('ZSCORE', KEYS[3], ARGV[1]) or redis.call('ZSCORE', KEYS[4], ARGV[1]) or ''
return {record, claimed, ended_ms}
