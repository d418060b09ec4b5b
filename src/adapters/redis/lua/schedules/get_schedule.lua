#!lua flags=no-writes
-- Reads one schedule, and the message of its next occurrence if that is waiting.
--
-- KEYS[1] schedules  hash, id -> record
-- KEYS[2] messages   hash, id -> record
-- KEYS[3] due        zset, id -> due, ms
-- ARGV[1] id         string, the id of the schedule
--
-- Returns nil if there is no such schedule, else {record, record of the message or ''}
local record = redis.call('HGET', KEYS[1], ARGV[1])
if not record then
  return nil
end
local next_id = struct.unpack('>Bc0', record, 10)
if not redis.call('ZSCORE', KEYS[3], next_id) then
  return {record, ''}
end
return {record, redis.call('HGET', KEYS[2], next_id) or ''}
