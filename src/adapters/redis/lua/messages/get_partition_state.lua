#!lua flags=no-writes
-- Reads what lies ahead in a partition.
--
-- KEYS[1] due     zset, id -> due, ms
-- KEYS[2] leases  zset, fencing token -> runs out at, ms
-- KEYS[3] seats   hash, role -> fencing token
-- ARGV[1] now, ms; empty: the server's clock
--
-- Returns {now (us), next due (ms) or '', role, when its holder's lease runs out (ms), role, ...}
--@ clock
local reply = {now_us, redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2] or ''}
local held = redis.call('HGETALL', KEYS[3])
for i = 1, #held, 2 do
  local runs_out = redis.call('ZSCORE', KEYS[2], held[i + 1])
  if runs_out and tonumber(runs_out) > now_ms then
    reply[#reply + 1], reply[#reply + 2] = held[i], runs_out
  end
end
return reply
