#!lua flags=no-writes
-- Counts the waiting messages in each of several consecutive steps of due time.
-- The cost is in proportion to the number of steps, not of messages.
--
-- KEYS[1] due        zset, id -> due, ms
-- ARGV[1] begins_ms  integer, ms, the start of the first step; or -inf: everything before its end counts
-- ARGV[2] ends_ms    integer, ms, the end of the first step
-- ARGV[3] step_ms    integer, ms, the length of the other steps
-- ARGV[4] steps      integer, the number of steps
--
-- Returns the count of each step
local due = KEYS[1]
local from, to, step_ms, steps = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local counts = {}
for n = 1, steps do
  local limit = string.format('%.0f', to)
  counts[n] = redis.call('ZCOUNT', due, from, '(' .. limit)
  from, to = limit, to + step_ms
end
return counts
