#!lua flags=allow-oom
-- Extends a lease. Revives a lease that expired, but whose claims nobody has taken over: it still has its entry.
--
-- KEYS[1] leases  zset, fencing token -> when the lease expires, ms
-- KEYS[2] grants  hash, fencing token -> the owner's nonce, a space, the lifetime of the lease (ms)
-- ARGV[1] now_ms  integer, ms; empty: the clock of the server
-- ARGV[2] token   integer, the fencing token of the lease
-- ARGV[3] nonce   string, the nonce of the lease
-- ARGV[4] ttl_ms  integer, ms, the lifetime of the lease from now on
--
-- Returns 1 if the lease was extended, 2 if it was revived, 0 if it has ended or is another owner's
local leases, grants = KEYS[1], KEYS[2]
local token, nonce, ttl_ms = ARGV[2], ARGV[3], ARGV[4]
--@ clock
--@ own_lease
--@ cap_leases
local expires_ms = redis.call('ZSCORE', leases, token)
if not expires_ms or not is_own(token, nonce) then
  return 0
end
redis.call('ZADD', leases, now_ms + ttl_ms, token)
cap_leases()
return tonumber(expires_ms) > now_ms and 1 or 2
