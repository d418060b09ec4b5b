#!lua
-- Stores scheduled messages under ids that are free. Atomic: all of them but the refused ones, or none.
--
-- KEYS[1] messages  hash, id -> record
-- KEYS[2] due       zset, id -> due, ms
-- KEYS[3] labels    only if a message has labels: hash, id -> labels (msgpack); `labels:LABEL`: zset, id -> due, ms
-- ARGV[1] count     integer, the number of messages
-- ARGV[2..] for each message: id, due (ms), record. Then for each message that has labels: its number, from 1, and its
-- labels (msgpack)
--
-- Returns {1 if the next due time of the partition became earlier, else 0; the ids that were taken...}
local messages, due, labels = KEYS[1], KEYS[2], KEYS[3]
local count = tonumber(ARGV[1])
local FIRST, FIRST_LABELS = 2, 2 + 3 * count
local CHUNK = 300 -- messages written at once: unpack takes at most 1,000 arguments
--@ labels
--@ first_due
local labels_of = {}
for i = FIRST_LABELS, #ARGV, 2 do
  labels_of[FIRST + (tonumber(ARGV[i]) - 1) * 3] = ARGV[i + 1]
end

local function select_free(from, to, refused)
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
for from = FIRST, FIRST_LABELS - 1, CHUNK * 3 do
  local records, scores = select_free(from, math.min(from + CHUNK * 3, FIRST_LABELS) - 1, reply)
  if #records > 0 then
    redis.call('HSET', messages, unpack(records))
    redis.call('ZADD', due, unpack(scores))
  end
end
if first_due() < before then
  reply[1] = 1
end
return reply
