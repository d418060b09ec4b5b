#!lua flags=allow-oom
-- Ends claims by writing the next state of each message, then forgets some of the oldest ended messages.
-- Only claims under the caller's lease count, so a lost owner changes nothing.
--
-- KEYS[1] messages    hash, id -> record
-- KEYS[2] due         zset, id -> due, ms
-- KEYS[3] done        zset, id -> due, ms
-- KEYS[4] dead        zset, id -> due, ms
-- KEYS[5] endings     list of 'ended at (ms):id', in the order of ending
-- KEYS[6] claims      zset, id -> fencing token
-- KEYS[7] claimed     hash, id -> claimed at, ms
-- KEYS[8] labels      hash, id -> labels (msgpack); `labels:LABEL` for each label: zset, id -> due, ms
-- KEYS[9] grants      hash, fencing token -> the owner's nonce, a space, the lifetime of the lease (ms)
-- ARGV[1] now_ms      integer, ms; empty: the clock of the server
-- ARGV[2] max_age_ms  integer, ms, the age up to which ended messages are kept
-- ARGV[3] max_count   integer, the number of ended messages that are kept
-- ARGV[4] token       integer, the fencing token of the caller's lease
-- ARGV[5] nonce       string, the nonce of the caller's lease
-- ARGV[6..] for each message: id, number of the key that it moves to (2, 3 or 4), due (ms), record
--
-- Returns the ids whose claims are lost
local messages, due, done, dead, endings, claims, claimed, labels, grants =
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local max_age_ms, max_count, token, nonce, FIRST = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[5], 6
local CHUNK = 250 -- messages settled at once: unpack takes at most 1,000 arguments
local queues = {['2'] = due, ['3'] = done, ['4'] = dead}
--@ clock
--@ labels
--@ forget
--@ own_lease
local ended_at = string.format('%.0f:', now_ms)
local lost, owns = {}, is_own(token, nonce)

-- A message that waits for its next attempt is due later than before. Every other message keeps its due time.
local function move_labels(waiting)
  for i = 1, #waiting, 2 do
    put_labels(waiting[i + 1], waiting[i], redis.call('HGET', labels, waiting[i + 1]) or '')
  end
end

local function settle(from, to)
  local ids = {}
  for i = from, to, 4 do
    ids[#ids + 1] = ARGV[i]
  end
  local tokens = redis.call('ZMSCORE', claims, unpack(ids))
  local settled, records, ended, scores = {}, {}, {}, {['2'] = {}, ['3'] = {}, ['4'] = {}}
  local seen = {}
  for n, id in ipairs(ids) do
    if owns and tokens[n] == token and not seen[id] then
      seen[id] = true
      local i = from + (n - 1) * 4
      local target = scores[ARGV[i + 1]]
      settled[#settled + 1] = id
      records[#records + 1], records[#records + 2] = id, ARGV[i + 3]
      target[#target + 1], target[#target + 2] = ARGV[i + 2], id
      if ARGV[i + 1] == '3' then
        ended[#ended + 1] = ended_at .. id
      end
    else
      lost[#lost + 1] = id
    end
  end
  if #settled > 0 then
    move_labels(scores['2'])
    redis.call('HSET', messages, unpack(records))
    for number, queue in pairs(queues) do
      if #scores[number] > 0 then
        redis.call('ZADD', queue, unpack(scores[number]))
      end
    end
    redis.call('ZREM', claims, unpack(settled))
    redis.call('HDEL', claimed, unpack(settled))
  end
  if #ended > 0 then
    redis.call('RPUSH', endings, unpack(ended))
  end
end

for from = FIRST, #ARGV, CHUNK * 4 do
  settle(from, math.min(from + CHUNK * 4 - 1, #ARGV))
end
forget_oldest(max_age_ms, max_count, math.min(100 + #ARGV, 900))
return lost
