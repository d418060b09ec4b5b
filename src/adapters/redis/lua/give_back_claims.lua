#!lua flags=allow-oom
-- Gives back claims of a lease, uncounted, to their place in due order; ends the lease too, if it is told to.
--
-- KEYS[1] messages  hash, id -> record, whose bytes 5 to 12 are when it is due (i64, ms)
-- KEYS[2] due       zset, id -> due, ms
-- KEYS[3] claims    zset, id -> fencing token
-- KEYS[4] leases    zset, fencing token -> runs out at, ms
-- KEYS[5] seats     hash, seat -> fencing token
-- ARGV[1] fencing token
-- ARGV[2] whether the lease ends: 1 or 0
-- ARGV[3..] ids whose claims are kept
--
-- Returns how many claims were given back
local messages, due, claims, leases, seats = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local token = ARGV[1]
local HEAD = 12 -- bytes of a record that are read here
local YEAR_1, YEAR_10000 = -62135596800000, 253402300800000 -- ms; what is due before or from then on is no time

local kept = {}
for i = 3, #ARGV do
  kept[ARGV[i]] = true
end

local function give_back(id)
  local record = redis.call('HGET', messages, id)
  -- One that is no record comes first: it has to be claimed to be found out.
  local due_ms = record and #record >= HEAD and struct.unpack('>i8', record, 5) or 0
  redis.call('ZADD', due, due_ms >= YEAR_1 and due_ms < YEAR_10000 and due_ms or 0, id)
  redis.call('ZREM', claims, id)
end

local function end_lease()
  local held = redis.call('HGETALL', seats)
  for i = 1, #held, 2 do
    if held[i + 1] == token then
      redis.call('HDEL', seats, held[i])
    end
  end
  redis.call('ZREM', leases, token)
end

local given_back = 0
for _, id in ipairs(redis.call('ZRANGE', claims, token, token, 'BYSCORE')) do
  if not kept[id] then
    give_back(id)
    given_back = given_back + 1
  end
end
if ARGV[2] == '1' then
  end_lease()
end
return given_back
