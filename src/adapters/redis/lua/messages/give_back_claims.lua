#!lua flags=allow-oom
-- Gives back claims of a lease, uncounted, to their place in due order; ends the lease too, if it is told to.
--
-- KEYS[1] messages  hash, id -> record
-- KEYS[2] due       zset, id -> due, ms
-- KEYS[3] claims    zset, id -> fencing token
-- KEYS[4] claimed   hash, id -> claimed at, ms
-- KEYS[5] leases    zset, fencing token -> runs out at, ms
-- KEYS[6] owners    hash, fencing token -> owner
-- KEYS[7] seats     hash, role -> fencing token
-- ARGV[1] fencing token
-- ARGV[2] whether the lease ends: 1 or 0
-- ARGV[3..] ids whose claims are kept
--
-- Returns how many claims were given back
local messages, due, claims, claimed, leases, owners, seats =
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local token = ARGV[1]
--@ claims
local kept = {}
for i = 3, #ARGV do
  kept[ARGV[i]] = true
end
local given_back = 0
for _, id in ipairs(redis.call('ZRANGE', claims, token, token, 'BYSCORE')) do
  if not kept[id] then
    give_back(id, redis.call('HGET', messages, id))
    given_back = given_back + 1
  end
end
if ARGV[2] == '1' then
  end_lease(token)
end
return given_back
