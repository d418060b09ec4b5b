#!lua flags=no-writes
-- Reads when the next message of a partition is due, and when its roles expire.
--
-- KEYS[1] due     zset, id -> due, ms
-- KEYS[2] leases  zset, fencing token -> when the lease expires, ms
-- KEYS[3] seats   hash, role -> fencing token
-- ARGV[1] now_ms  integer, ms; empty: the clock of the server
--
-- Returns {now (us), next due (ms) or ''; for each role that is held: role, when the holder's lease expires (ms)}
local due, leases, seats = KEYS[1], KEYS[2], KEYS[3]
--@ clock
local reply = {now_us, redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')[2] or ''}
local roles = redis.call('HGETALL', seats)
for i = 1, #roles, 2 do
  local expires_ms = redis.call('ZSCORE', leases, roles[i + 1])
  if expires_ms and tonumber(expires_ms) > now_ms then
    reply[#reply + 1], reply[#reply + 2] = roles[i], expires_ms
  end
end
return reply
