#!lua flags=allow-oom
-- Frees a role, if the caller's lease holds it.
--
-- KEYS[1] seats  hash, role -> fencing token
-- ARGV[1] fencing token
-- ARGV[2] role
--
-- Returns 1 if it was freed, else 0
if redis.call('HGET', KEYS[1], ARGV[2]) ~= ARGV[1] then
  return 0
end
return redis.call('HDEL', KEYS[1], ARGV[2])
