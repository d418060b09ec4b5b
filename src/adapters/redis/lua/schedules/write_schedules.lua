#!lua flags=allow-oom
-- Writes updates of schedules, each as a whole or not at all. Atomic.
-- An update cancels a message, writes the schedule and adds its occurrences.
-- Runs without room too: the store had room when it accepted the schedule.
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
-- ARGV[4..] the updates, as parts/schedules.lua describes them
--
-- Returns {1 if the partition's next due time became earlier, else 0; the ids of the stale schedules...}
local messages, due, done, endings, labels, schedules, planned, schedule_ids =
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8]
--@ clock
--@ labels
--@ forget
--@ first_due
--@ schedules
local before = first_due()
local reply = {0}
local i = 4
while i <= #ARGV do
  local id, is_written = ARGV[i], false
  is_written, i = write_update(i)
  if not is_written then
    reply[#reply + 1] = id
  end
end
if first_due() < before then
  reply[1] = 1
end
return reply
