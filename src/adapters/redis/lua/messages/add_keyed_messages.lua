#!lua
-- Stores scheduled messages whose ids and keys are free, and gives them the keys.
-- Atomic: all of them but the refused ones, or none.
--
-- KEYS[1] messages   hash, id -> record
-- KEYS[2] due        zset, id -> due, ms
-- KEYS[3] labels     hash, id -> labels (msgpack); `labels:LABEL` for each label: zset, id -> due, ms
-- KEYS[4..] the key of each message, string: when it is free again (i64, ms), fingerprint (16 bytes), id
-- ARGV[1] now_ms     integer, ms; empty: the clock of the server
-- ARGV[2] kept_ms    integer, ms, how long a key is kept
-- ARGV[3..] for each message: id, due (ms), record, labels (msgpack), fingerprint
--
-- Returns {1 if the next due time of the partition became earlier, else 0; for each message '' if it was stored,
-- 'taken' if its id was taken, else the fingerprint and the id of the message that holds its key}
local messages, due, labels = KEYS[1], KEYS[2], KEYS[3]
local kept_ms, FIRST_KEY, FIRST, FINGERPRINT_BYTES = tonumber(ARGV[2]), 4, 3, 16
--@ clock
--@ labels
--@ first_due
local function holder_of(key)
  local held = redis.call('GET', key)
  if held and #held > 8 + FINGERPRINT_BYTES and struct.unpack('>i8', held) > now_ms then
    return held:sub(9)
  end
end

local before = first_due()
local reply, stored, ids, holders = {0}, {}, {}, {}
for n = FIRST_KEY, #KEYS do
  local key, i = KEYS[n], FIRST + (n - FIRST_KEY) * 5
  local id, holder = ARGV[i], holders[key] or holder_of(key)
  if holder then
    reply[#reply + 1] = holder
  elseif ids[id] or redis.call('HEXISTS', messages, id) == 1 then
    reply[#reply + 1] = 'taken'
  else
    reply[#reply + 1] = ''
    ids[id], holders[key], stored[#stored + 1] = true, ARGV[i + 4] .. id, i
    put_labels(id, ARGV[i + 1], ARGV[i + 3])
  end
end
for _, i in ipairs(stored) do
  redis.call('HSET', messages, ARGV[i], ARGV[i + 2])
  redis.call('ZADD', due, ARGV[i + 1], ARGV[i])
end
for key, holder in pairs(holders) do
  redis.call('SET', key, struct.pack('>i8', now_ms + kept_ms) .. holder, 'PX', kept_ms)
end
if first_due() < before then
  reply[1] = 1
end
return reply
