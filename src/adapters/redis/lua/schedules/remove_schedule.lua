#!lua flags=allow-oom
-- Removes a schedule and cancels its waiting message, if both are as they were read. Atomic.
--
-- KEYS[1] messages       hash, id -> record
-- KEYS[2] due            zset, id -> due, ms
-- KEYS[3] done           zset, id -> due, ms
-- KEYS[4] endings        list of 'ended at (ms):id', in the order of ending
-- KEYS[5] labels         hash, id -> labels (msgpack); `labels:LABEL` for each label: zset, id -> due, ms
-- KEYS[6] schedules      hash, id -> record
-- KEYS[7] planned        zset, id -> next occurrence, ms
-- KEYS[8] schedule_ids   zset, id -> 0
-- ARGV[1] now_ms         integer, ms; empty: the clock of the server
-- ARGV[2] max_age_ms     integer, ms, the age up to which ended messages are kept
-- ARGV[3] max_count      integer, the number of ended messages that are kept
-- ARGV[4] id             string, the id of the schedule
-- ARGV[5] read_revision  integer, the revision as the caller read it
-- ARGV[6] message_id     string, the id of the message to cancel; empty: none
-- ARGV[7] due_ms         integer, ms, of that message
-- ARGV[8] record         bytes, the record to write for that message
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
