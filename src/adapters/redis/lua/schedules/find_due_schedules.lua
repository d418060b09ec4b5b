#!lua flags=no-writes
-- Reads the schedules whose next occurrence is due, earliest first.
--
-- KEYS[1] schedules  hash, id -> record
-- KEYS[2] planned    zset, id -> next occurrence, ms
-- ARGV[1] now_ms     integer, ms; empty: the clock of the server
-- ARGV[2] limit      integer, how many schedules to return
--
-- Returns {now (us), earliest next occurrence of all others (ms) or '', id, record, id, record...}
--@ clock
local ids = redis.call('ZRANGE', KEYS[2], '-inf', now_ms, 'BYSCORE', 'LIMIT', 0, ARGV[2])
local reply = {now_us, redis.call('ZRANGE', KEYS[2], #ids, #ids, 'WITHSCORES')[2] or ''}
for _, id in ipairs(ids) do
  reply[#reply + 1], reply[#reply + 2] = id, redis.call('HGET', KEYS[1], id)
end
return reply
