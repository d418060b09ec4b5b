#!lua flags=allow-oom
-- Ends a lease, frees its roles, and returns its claims to due order. The claims do not count as attempts.
--
-- KEYS[1] messages  hash, id -> record
-- KEYS[2] due       zset, id -> due, ms
-- KEYS[3] claims    zset, id -> fencing token
-- KEYS[4] claimed   hash, id -> claimed at, ms
-- KEYS[5] leases    zset, fencing token -> when the lease expires, ms
-- KEYS[6] owners    hash, fencing token -> owner
-- KEYS[7] seats     hash, role -> fencing token
-- KEYS[8] grants    hash, fencing token -> the owner's nonce, a space, the lifetime of the lease (ms)
-- ARGV[1] token     integer, the fencing token of the lease
-- ARGV[2] nonce     string, the nonce of the lease
--
-- Returns the number of claims given back; none if the lease is another owner's
local messages, due, claims, claimed, leases, owners, seats, grants =
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8]
local token, nonce = ARGV[1], ARGV[2]
--@ give_back
--@ end_lease
--@ own_lease
if not is_own(token, nonce) then
  return 0
end
local ids = redis.call('ZRANGE', claims, token, token, 'BYSCORE')
for _, id in ipairs(ids) do
  give_back(id, redis.call('HGET', messages, id))
end
end_lease(token)
return #ids
