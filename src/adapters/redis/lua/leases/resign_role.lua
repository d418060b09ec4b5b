#!lua flags=allow-oom
-- Frees a role, if the caller's lease holds it.
--
-- KEYS[1] seats  hash, role -> fencing token
-- KEYS[2] grants  hash, fencing token -> the owner's nonce, a space, the lifetime of the lease (ms)
-- ARGV[1] token  integer, the fencing token of the caller's lease
-- ARGV[2] nonce  string, the nonce of the caller's lease
-- ARGV[3] role   string, by its name in the store
--
-- Returns 1 if the role was freed, else 0
local seats, grants = KEYS[1], KEYS[2]
local token, nonce, role = ARGV[1], ARGV[2], ARGV[3]
--@ own_lease
if redis.call('HGET', seats, role) ~= token or not is_own(token, nonce) then
  return 0
end
return redis.call('HDEL', seats, role)
