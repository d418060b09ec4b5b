#!lua flags=allow-oom
-- Lets a lease that has not run out live on.
--
-- KEYS[1] leases  zset, fencing token -> runs out at, ms
-- ARGV[1] now, ms; empty: the server's clock
-- ARGV[2] fencing token
-- ARGV[3] time to live, ms
--
-- Returns 1 if it lives on, 0 if it had run out
--@ clock
local runs_out = redis.call('ZSCORE', KEYS[1], ARGV[2])
if not runs_out or tonumber(runs_out) <= now_ms then
  return 0
end
redis.call('ZADD', KEYS[1], now_ms + ARGV[3], ARGV[2])
return 1
