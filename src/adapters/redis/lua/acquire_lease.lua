#!lua flags=allow-oom
-- Grants a lease under the next fencing token.
--
-- KEYS[1] leases  zset, fencing token -> runs out at, ms
-- KEYS[2] token   the last fencing token, an integer
-- ARGV[1] now, ms; empty: the server's clock
-- ARGV[2] time to live, ms
--
-- Returns the fencing token
local now_ms = tonumber(ARGV[1])
if not now_ms then
  local time = redis.call('TIME')
  now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
end
local token = redis.call('INCR', KEYS[2])
redis.call('ZADD', KEYS[1], now_ms + ARGV[2], token)
return token
