#!lua flags=allow-oom
-- Acquires a role that is free, or whose holder's lease has expired.
--
-- KEYS[1] leases  zset, fencing token -> when the lease expires, ms
-- KEYS[2] seats   hash, role -> fencing token
-- ARGV[1] now_ms  integer, ms; empty: the clock of the server
-- ARGV[2] token   integer, the fencing token of the caller's lease
-- ARGV[3] role    string, by its name in the store
--
-- Returns nil if the caller's lease has expired, 1 if the caller holds the role, 0 if another lease holds it
local leases, seats = KEYS[1], KEYS[2]
local token, role = ARGV[2], ARGV[3]
--@ clock

local function is_alive(lease)
  local expires_ms = redis.call('ZSCORE', leases, lease)
  return expires_ms and tonumber(expires_ms) > now_ms
end

if not is_alive(token) then
  return nil
end
local holder = redis.call('HGET', seats, role)
if holder and holder ~= token and is_alive(holder) then
  return 0
end
redis.call('HSET', seats, role, token)
return 1
