#!lua flags=allow-oom
-- Takes over the claims of lost owners: they return to due order. Then claims due messages.
-- No other script moves messages to claims.
--
-- KEYS[1] messages  hash, id -> record
-- KEYS[2] due       zset, id -> due, ms
-- KEYS[3] claims    zset, id -> fencing token
-- KEYS[4] claimed   hash, id -> claimed at, ms
-- KEYS[5] leases    zset, fencing token -> when the lease expires, ms
-- KEYS[6] owners    hash, fencing token -> owner
-- KEYS[7] seats     hash, role -> fencing token
-- KEYS[8] grants    hash, fencing token -> the owner's nonce, a space, the lifetime of the lease (ms)
-- ARGV[1] now_ms    integer, ms; empty: the clock of the server
-- ARGV[2] token     integer, the fencing token of the caller's lease
-- ARGV[3] nonce     string, the nonce of the caller's lease
-- ARGV[4] limit     integer, how many messages to claim, at most 500
--
-- Returns nil if the lease has expired or is another owner's, else {now (us), next due (ms) or '', when the first lease
-- of another owner expires (ms) or '', the number of claims taken over; for each claimed message: id, record}
local messages, due, claims, claimed, leases, owners, seats, grants =
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8]
local token, nonce, limit = ARGV[2], ARGV[3], tonumber(ARGV[4])
local MAX_TAKEN_OVER = 500 -- claims taken over in one call, so that no call takes long; the next call continues
local MAX_NOTES = 4096 -- bytes; the next owner moves the notes into the history of the message
--@ clock
--@ give_back
--@ end_lease
--@ own_lease
-- Counts the attempt and adds a note: claimed at (i64, ms), lost at (i64, ms), length of the owner's name (u8), name.
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

local function take_over()
  local taken_over = 0
  for _, lost in ipairs(redis.call('ZRANGE', leases, '-inf', now_ms, 'BYSCORE')) do
    local left = MAX_TAKEN_OVER - taken_over
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
    taken_over = taken_over + #ids
    if #ids == left then
      break
    end
    end_lease(lost)
  end
  return taken_over
end

local function next_expiry()
  for _, other in ipairs(redis.call('ZRANGE', leases, 0, 1)) do
    if other ~= token then
      return redis.call('ZSCORE', leases, other)
    end
  end
  return ''
end

local expires_ms = redis.call('ZSCORE', leases, token)
if not expires_ms or tonumber(expires_ms) <= now_ms or not is_own(token, nonce) then
  return nil
end

local reply = {now_us, '', '', take_over()}
local ids = redis.call('ZRANGE', due, '-inf', now_ms, 'BYSCORE', 'LIMIT', 0, limit)
if #ids > 0 then
  local records = redis.call('HMGET', messages, unpack(ids))
  local tokens, times = {}, {}
  for n, id in ipairs(ids) do
    tokens[2 * n - 1], tokens[2 * n] = token, id
    times[2 * n - 1], times[2 * n] = id, now_ms
    reply[#reply + 1], reply[#reply + 2] = id, records[n]
  end
  redis.call('ZADD', claims, unpack(tokens))
  redis.call('HSET', claimed, unpack(times))
  redis.call('ZREM', due, unpack(ids))
end
reply[2] = redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')[2] or ''
reply[3] = next_expiry()
return reply
