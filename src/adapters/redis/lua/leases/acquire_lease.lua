#!lua flags=allow-oom
-- Grants a lease under the next fencing token.
--
-- KEYS[1] leases  zset, fencing token -> runs out at, ms
-- KEYS[2] owners  hash, fencing token -> owner
-- KEYS[3] token   the last fencing token, an integer
-- ARGV[1] now, ms; empty: the server's clock
-- ARGV[2] time to live, ms
-- ARGV[3] owner
--
-- Returns the fencing token
--@ clock
local token = redis.call('INCR', KEYS[3])
redis.call('ZADD', KEYS[1], now_ms + ARGV[2], token)
redis.call('HSET', KEYS[2], token, ARGV[3])
return token
