#!lua flags=no-writes
-- Counts what waits by steps of due time. Its cost follows the number of steps, not that of messages.
--
-- KEYS[1] due  zset, id -> due, ms
-- ARGV[1] when the first step begins, ms; or -inf, so that all before its end is in it
-- ARGV[2] when the first step ends, ms
-- ARGV[3] length of the others, ms
-- ARGV[4] how many steps there are
--
-- Returns how many are due in each step
local due = KEYS[1]
local from, to = ARGV[1], tonumber(ARGV[2])
local counts = {}
for n = 1, tonumber(ARGV[4]) do
  local limit = string.format('%.0f', to)
  counts[n] = redis.call('ZCOUNT', due, from, '(' .. limit)
  from, to = limit, to + tonumber(ARGV[3])
end
return counts
