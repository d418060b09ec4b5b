#!lua flags=allow-oom
-- Gives back what lost owners had claimed, then claims what is due. The only way from due to claims.
--
-- KEYS[1] messages  hash, id -> record, which begins with version (u8), status (u8), attempts (u16), due (i64, ms)
-- KEYS[2] due       zset, id -> due, ms
-- KEYS[3] claims    zset, id -> fencing token
-- KEYS[4] leases    zset, fencing token -> runs out at, ms
-- KEYS[5] seats     hash, seat -> fencing token
-- ARGV[1] now, ms; empty: the server's clock
-- ARGV[2] fencing token of the caller's lease
-- ARGV[3] limit: how many messages to claim, at most 500
--
-- Returns nil if the lease ran out, else {now (us), next due (ms) or '', next expiry of another lease (ms) or '',
-- claims given back, id, record, id, record...}
local messages, due, claims, leases, seats = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local token, limit = ARGV[2], tonumber(ARGV[3])
local RECOVER = 500 -- claims given back in one call, so that no call takes long; the next goes on
local HEAD = 12 -- bytes of a record that are read here
local YEAR_1, YEAR_10000 = -62135596800000, 253402300800000 -- ms; what is due before or from then on is no time

local now_us
if ARGV[1] ~= '' then
  now_us = tonumber(ARGV[1]) * 1000
else
  local time = redis.call('TIME')
  now_us = time[1] * 1000000 + time[2]
end
local now_ms = math.floor(now_us / 1000)

-- One that is no record comes first: it has to be claimed to be found out.
local function give_back(id)
  local record = redis.call('HGET', messages, id)
  local due_ms = 0
  if record and #record >= HEAD then
    local attempts
    attempts, due_ms = struct.unpack('>Hi8', record, 3)
    attempts = math.min(attempts + 1, 65535)
    redis.call('HSET', messages, id, record:sub(1, 2) .. struct.pack('>H', attempts) .. record:sub(5))
  end
  redis.call('ZADD', due, due_ms >= YEAR_1 and due_ms < YEAR_10000 and due_ms or 0, id)
  redis.call('ZREM', claims, id)
end

local function end_lease(lost)
  redis.call('ZREM', leases, lost)
  local held = redis.call('HGETALL', seats)
  for i = 1, #held, 2 do
    if held[i + 1] == lost then
      redis.call('HDEL', seats, held[i])
    end
  end
end

local function recover()
  local given_back = 0
  for _, lost in ipairs(redis.call('ZRANGE', leases, '-inf', now_ms, 'BYSCORE')) do
    local left = RECOVER - given_back
    local ids = redis.call('ZRANGE', claims, lost, lost, 'BYSCORE', 'LIMIT', 0, left)
    for _, id in ipairs(ids) do
      give_back(id)
    end
    given_back = given_back + #ids
    if #ids == left then
      break
    end
    end_lease(lost)
  end
  return given_back
end

local function next_expiry()
  for _, other in ipairs(redis.call('ZRANGE', leases, 0, 1)) do
    if other ~= token then
      return redis.call('ZSCORE', leases, other)
    end
  end
  return ''
end

local runs_out = redis.call('ZSCORE', leases, token)
if not runs_out or tonumber(runs_out) <= now_ms then
  return nil
end

local reply = {now_us, '', '', recover()}
local ids = redis.call('ZRANGE', due, '-inf', now_ms, 'BYSCORE', 'LIMIT', 0, limit)
if #ids > 0 then
  local records = redis.call('HMGET', messages, unpack(ids))
  local claimed = {}
  for n, id in ipairs(ids) do
    claimed[#claimed + 1], claimed[#claimed + 2] = token, id
    reply[#reply + 1], reply[#reply + 2] = id, records[n]
  end
  redis.call('ZADD', claims, unpack(claimed))
  redis.call('ZREM', due, unpack(ids))
end
reply[2] = redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')[2] or ''
reply[3] = next_expiry()
return reply
