#!lua flags=allow-oom
-- Extends a lease that has not expired.
--
-- KEYS[1] leases  zset, fencing token -> when the lease expires, ms
-- ARGV[1] now_ms  integer, ms; empty: the clock of the server
-- ARGV[2] token   integer, the fencing token of the lease
-- ARGV[3] ttl_ms  integer, ms, the lifetime of the lease from now on
--
-- Returns 1 if the lease was extended, 0 if it had expired
local leases = KEYS[1]
local token, ttl_ms = ARGV[2], ARGV[3]
--@ clock
local expires_ms = redis.call('ZSCORE', leases, token)
if not expires_ms or tonumber(expires_ms) <= now_ms then
  return 0
end
redis.call('ZADD', leases, now_ms + ttl_ms, token)
return 1
