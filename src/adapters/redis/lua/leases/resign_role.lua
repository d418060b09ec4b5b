#!lua flags=allow-oom
-- Frees a role, if the caller's lease holds it.
--
-- KEYS[1] seats  hash, role -> fencing token
-- ARGV[1] token  integer, the fencing token of the caller's lease
-- ARGV[2] role   string, by its name in the store
--
-- Returns 1 if the role was freed, else 0
local seats = KEYS[1]
local token, role = ARGV[1], ARGV[2]
if redis.call('HGET', seats, role) ~= token then
  return 0
end
return redis.call('HDEL', seats, role)
