#!lua flags=allow-oom
-- Removes a schedule and cancels its waiting message, if both are as they were read. Atomic.
--
-- KEYS[1] messages      hash, id -> record
-- KEYS[2] due           zset, id -> due, ms
-- KEYS[3] done          zset, id -> due, ms
-- KEYS[4] endings       list of 'ended at (ms):id', in the order of ending
-- KEYS[5] labels        hash, id -> labels (msgpack); with a colon and a label behind it: zset, id -> due, ms
-- KEYS[6] schedules     hash, id -> record
-- KEYS[7] planned       zset, id -> next occurrence, ms
-- KEYS[8] schedule_ids  zset, id -> 0
-- ARGV[1] now, ms; empty: the server's clock
-- ARGV[2] retention of the finished past: its age, ms
-- ARGV[3] retention of the finished past: its count
-- ARGV[4] id
-- ARGV[5] revision as it was read
-- ARGV[6] id of the message to cancel, or ''
-- ARGV[7] due, ms, of that message
-- ARGV[8] the record to write for that message
--
-- Returns 1 if the schedule was removed, 0 if something had changed since it was read
local messages, due, done, endings, labels, schedules, planned, schedule_ids =
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8]
--@ clock
--@ labels
--@ forget
--@ first_due
--@ schedules
local id = ARGV[4]
if revision_of(id) ~= tonumber(ARGV[5]) or not can_cancel(ARGV[6]) then
  return 0
end
cancel(ARGV[6], ARGV[7], ARGV[8])
redis.call('HDEL', schedules, id)
redis.call('ZREM', planned, id)
redis.call('ZREM', schedule_ids, id)
return 1
