#!lua flags=allow-oom
-- Grants a lease under the next fencing token.
--
-- KEYS[1] leases  zset, fencing token -> when the lease expires, ms
-- KEYS[2] owners  hash, fencing token -> owner
-- KEYS[3] token   string, the last fencing token, integer
-- ARGV[1] now_ms  integer, ms; empty: the clock of the server
-- ARGV[2] ttl_ms  integer, ms, the lifetime of the lease
-- ARGV[3] owner   string
--
-- Returns the fencing token, integer
local leases, owners, last_token = KEYS[1], KEYS[2], KEYS[3]
local ttl_ms, owner = ARGV[2], ARGV[3]
--@ clock
local token = redis.call('INCR', last_token)
redis.call('ZADD', leases, now_ms + ttl_ms, token)
redis.call('HSET', owners, token, owner)
return token
