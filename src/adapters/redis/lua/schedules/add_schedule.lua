#!lua
-- Writes a schedule and its first occurrence, if their ids are free. Atomic.
--
-- KEYS[1] messages      hash, id -> record
-- KEYS[2] due           zset, id -> due, ms
-- KEYS[3] done          zset, id -> due, ms
-- KEYS[4] endings       list of 'ended at (ms):id', in the order of ending
-- KEYS[5] labels        hash, id -> labels (msgpack); `labels:LABEL` for each label: zset, id -> due, ms
-- KEYS[6] schedules     hash, id -> record
-- KEYS[7] planned       zset, id -> next occurrence, ms
-- KEYS[8] schedule_ids  zset, id -> 0
-- ARGV[1] now_ms        integer, ms; empty: the clock of the server
-- ARGV[2] max_age_ms    integer, ms, the age up to which ended messages are kept
-- ARGV[3] max_count     integer, the number of ended messages that are kept
-- ARGV[4..] the update, as parts/schedules.lua describes it
--
-- Returns {1 if the partition's next due time became earlier, else 0; the id if it was stale}
local messages, due, done, endings, labels, schedules, planned, schedule_ids =
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8]
--@ clock
--@ labels
--@ forget
--@ first_due
--@ schedules
local before = first_due()
local is_written = write_update(4)
return {first_due() < before and 1 or 0, not is_written and ARGV[4] or nil}
