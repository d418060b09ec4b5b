#!lua flags=allow-oom
-- Takes a role that is free, or whose holder's lease ran out.
--
-- KEYS[1] leases  zset, fencing token -> runs out at, ms
-- KEYS[2] seats   hash, role -> fencing token
-- ARGV[1] now, ms; empty: the server's clock
-- ARGV[2] fencing token of the caller's lease
-- ARGV[3] role
--
-- Returns nil if the caller's lease ran out, 1 if it has the role, 0 if another has
--@ clock

local function is_alive(token)
  local runs_out = redis.call('ZSCORE', KEYS[1], token)
  return runs_out and tonumber(runs_out) > now_ms
end

if not is_alive(ARGV[2]) then
  return nil
end
local holder = redis.call('HGET', KEYS[2], ARGV[3])
if holder and holder ~= ARGV[2] and is_alive(holder) then
  return 0
end
redis.call('HSET', KEYS[2], ARGV[3], ARGV[2])
return 1
