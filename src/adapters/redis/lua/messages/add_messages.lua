#!lua
-- Stores scheduled messages under ids that are free. Atomic: all of them, but for those refused.
--
-- KEYS[1] messages  hash, id -> record
-- KEYS[2] due       zset, id -> due, ms
-- KEYS[3] labels    (where a message has any) hash, id -> labels (msgpack); with a colon and a label behind it: zset, id -> due, ms
-- ARGV[1] how many messages there are
-- ARGV[2..] id, due (ms), record, and so on in threes; behind them the place (from 1) of a message that has labels,
-- labels (msgpack), and so on in twos
--
-- Returns {1 if the partition's next due time became earlier, else 0; the ids that were taken...}
local messages, due, labels = KEYS[1], KEYS[2], KEYS[3]
local FIRST, BEHIND = 2, 2 + 3 * tonumber(ARGV[1])
local CHUNK = 300 -- threes at a time: unpack takes no more than a thousand arguments
--@ labels
--@ first_due
local labels_of = {}
for i = BEHIND, #ARGV, 2 do
  labels_of[FIRST + (tonumber(ARGV[i]) - 1) * 3] = ARGV[i + 1]
end

local function free_of(from, to, refused)
  local ids, records, scores = {}, {}, {}
  for i = from, to, 3 do
    ids[#ids + 1] = ARGV[i]
  end
  local taken = redis.call('HMGET', messages, unpack(ids))
  local seen = {}
  for n, id in ipairs(ids) do
    local i = from + (n - 1) * 3
    if taken[n] or seen[id] then
      refused[#refused + 1] = id
    else
      seen[id] = true
      records[#records + 1], records[#records + 2] = id, ARGV[i + 2]
      scores[#scores + 1], scores[#scores + 2] = ARGV[i + 1], id
      put_labels(id, ARGV[i + 1], labels_of[i] or '')
    end
  end
  return records, scores
end

local before = first_due()
local reply = {0}
for from = FIRST, BEHIND - 1, CHUNK * 3 do
  local records, scores = free_of(from, math.min(from + CHUNK * 3, BEHIND) - 1, reply)
  if #records > 0 then
    redis.call('HSET', messages, unpack(records))
    redis.call('ZADD', due, unpack(scores))
  end
end
if first_due() < before then
  reply[1] = 1
end
return reply
