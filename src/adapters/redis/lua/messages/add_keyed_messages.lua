#!lua
-- Stores scheduled messages whose ids and keys are free, and claims the keys. Atomic: all of them, but for those refused.
--
-- KEYS[1] messages  hash, id -> record
-- KEYS[2] due       zset, id -> due, ms
-- KEYS[3] labels    hash, id -> labels (msgpack); with a colon and a label behind it: zset, id -> due, ms
-- KEYS[4..] each message's key, string: free again at (i64, ms), fingerprint (16 bytes), id
-- ARGV[1] now, ms; empty: the server's clock
-- ARGV[2] how long a key is kept, ms
-- ARGV[3..] id, due (ms), record, labels (msgpack), fingerprint, and so on in fives
--
-- Returns {1 if the partition's next due time became earlier, else 0; for each message '' if it was stored, 'taken' if
-- its id was, else the fingerprint and the id that have its key}
local messages, due, labels = KEYS[1], KEYS[2], KEYS[3]
local kept_ms, FIRST_KEY, FIRST, PRINT = tonumber(ARGV[2]), 4, 3, 16
--@ clock
--@ labels
--@ first_due
local function held_by(key)
  local held = redis.call('GET', key)
  if held and #held > 8 + PRINT and struct.unpack('>i8', held) > now_ms then
    return held:sub(9)
  end
end

local before = first_due()
local reply, free, ids, holders = {0}, {}, {}, {}
for n = FIRST_KEY, #KEYS do
  local key, i = KEYS[n], FIRST + (n - FIRST_KEY) * 5
  local id, holder = ARGV[i], holders[key] or held_by(key)
  if holder then
    reply[#reply + 1] = holder
  elseif ids[id] or redis.call('HEXISTS', messages, id) == 1 then
    reply[#reply + 1] = 'taken'
  else
    reply[#reply + 1] = ''
    ids[id], holders[key], free[#free + 1] = true, ARGV[i + 4] .. id, i
    put_labels(id, ARGV[i + 1], ARGV[i + 3])
  end
end
for _, i in ipairs(free) do
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
