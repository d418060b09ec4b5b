#!lua flags=allow-oom
-- Acquires a role that is free, or whose holder's lease has expired.
--
-- KEYS[1] leases  zset, fencing token -> when the lease expires, ms
-- KEYS[2] seats   hash, role -> fencing token
-- KEYS[3] grants  hash, fencing token -> the owner's nonce, a space, the lifetime of the lease (ms)
-- ARGV[1] now_ms  integer, ms; empty: the clock of the server
-- ARGV[2] token   integer, the fencing token of the caller's lease
-- ARGV[3] nonce   string, the nonce of the caller's lease
-- ARGV[4] role    string, by its name in the store
--
-- Returns nil if the lease has expired or is another owner's, 1 if the caller holds the role, 0 if another lease does
local leases, seats, grants = KEYS[1], KEYS[2], KEYS[3]
local token, nonce, role = ARGV[2], ARGV[3], ARGV[4]
--@ clock
--@ own_lease

local function is_alive(lease)
  local expires_ms = redis.call('ZSCORE', leases, lease)
  return expires_ms and tonumber(expires_ms) > now_ms
end

if not is_alive(token) or not is_own(token, nonce) then
  return nil
end
local holder = redis.call('HGET', seats, role)
if holder and holder ~= token and is_alive(holder) then
  return 0
end
redis.call('HSET', seats, role, token)
return 1
