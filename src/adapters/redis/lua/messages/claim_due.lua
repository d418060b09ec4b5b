#!lua flags=allow-oom
-- Gives back what lost owners had claimed, then claims what is due. The only way from due to claims.
--
-- KEYS[1] messages  hash, id -> record
-- KEYS[2] due       zset, id -> due, ms
-- KEYS[3] claims    zset, id -> fencing token
-- KEYS[4] claimed   hash, id -> claimed at, ms
-- KEYS[5] leases    zset, fencing token -> runs out at, ms
-- KEYS[6] owners    hash, fencing token -> owner
-- KEYS[7] seats     hash, role -> fencing token
-- ARGV[1] now, ms; empty: the server's clock
-- ARGV[2] fencing token of the caller's lease
-- ARGV[3] limit: how many messages to claim, at most 500
--
-- Returns nil if the lease ran out, else {now (us), next due (ms) or '', next expiry of another lease (ms) or '',
-- claims given back, id, record, id, record...}
local messages, due, claims, claimed, leases, owners, seats =
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local token, limit = ARGV[2], tonumber(ARGV[3])
local RECOVER = 500 -- claims given back in one call, so that no call takes long; the next goes on
local MAX_NOTES = 4096 -- bytes; its owner folds them into its history
--@ clock
--@ claims
-- Counts the attempt and notes who was lost: claimed at (i64, ms), lost at (i64, ms), length of the name (u8), name.
local function with_attempt_lost(id, record, owner)
  local attempts, due_ms, length = struct.unpack('>Hi8H', record, 3)
  local name = owner:sub(1, 255)
  local note = struct.pack('>i8i8B', redis.call('HGET', claimed, id) or now_ms, now_ms, #name) .. name
  local notes = record:sub(HEAD + 1, HEAD + length) .. note
  if #notes > MAX_NOTES then
    notes = record:sub(HEAD + 1, HEAD + length)
  end
  local head = record:sub(1, 2) .. struct.pack('>Hi8H', math.min(attempts + 1, 65535), due_ms, #notes)
  return head .. notes .. record:sub(HEAD + length + 1)
end

local function recover()
  local given_back = 0
  for _, lost in ipairs(redis.call('ZRANGE', leases, '-inf', now_ms, 'BYSCORE')) do
    local left = RECOVER - given_back
    local owner = redis.call('HGET', owners, lost) or ''
    local ids = redis.call('ZRANGE', claims, lost, lost, 'BYSCORE', 'LIMIT', 0, left)
    for _, id in ipairs(ids) do
      local record = redis.call('HGET', messages, id)
      if record and #record >= HEAD then
        record = with_attempt_lost(id, record, owner)
        redis.call('HSET', messages, id, record)
      end
      give_back(id, record)
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
  local tokens, moments = {}, {}
  for n, id in ipairs(ids) do
    tokens[2 * n - 1], tokens[2 * n] = token, id
    moments[2 * n - 1], moments[2 * n] = id, now_ms
    reply[#reply + 1], reply[#reply + 2] = id, records[n]
  end
  redis.call('ZADD', claims, unpack(tokens))
  redis.call('HSET', claimed, unpack(moments))
  redis.call('ZREM', due, unpack(ids))
end
reply[2] = redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')[2] or ''
reply[3] = next_expiry()
return reply
