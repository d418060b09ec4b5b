#!lua flags=allow-oom
-- Gives back claims of a lease: they return to due order, and do not count as attempts.
--
-- KEYS[1] messages  hash, id -> record
-- KEYS[2] due       zset, id -> due, ms
-- KEYS[3] claims    zset, id -> fencing token
-- KEYS[4] claimed   hash, id -> claimed at, ms
-- KEYS[5] grants    hash, fencing token -> the owner's nonce, a space, the lifetime of the lease (ms)
-- ARGV[1] token     integer, the fencing token of the lease
-- ARGV[2] nonce     string, the nonce of the lease
-- ARGV[3..] the ids whose claims are kept
--
-- Returns the number of claims given back; none if the lease is another owner's
local messages, due, claims, claimed, grants = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local token, nonce, FIRST = ARGV[1], ARGV[2], 3
--@ give_back
--@ own_lease
if not is_own(token, nonce) then
  return 0
end
local kept = {}
for i = FIRST, #ARGV do
  kept[ARGV[i]] = true
end
local given_back = 0
for _, id in ipairs(redis.call('ZRANGE', claims, token, token, 'BYSCORE')) do
  if not kept[id] then
    give_back(id, redis.call('HGET', messages, id))
    given_back = given_back + 1
  end
end
return given_back
