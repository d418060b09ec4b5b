#!lua flags=allow-oom
-- Ends claims by writing each message's next state, then forgets a little of the oldest finished past.
-- Only claims that carry the caller's token count, so a past owner changes nothing.
--
-- KEYS[1] messages  hash, id -> record
-- KEYS[2] due       zset, id -> due, ms
-- KEYS[3] claims    zset, id -> fencing token
-- KEYS[4] done      zset, id -> ended at, ms
-- KEYS[5] dead      zset, id -> ended at, ms
-- ARGV[1] now, ms; empty: the server's clock
-- ARGV[2] fencing token of the caller's lease
-- ARGV[3] retention of the finished past: its age, ms
-- ARGV[4] retention of the finished past: its count
-- ARGV[5..] id, number of the key it goes to (2, 4 or 5), its score there (ms), record, and so on in fours
--
-- Returns the ids whose claim is lost
local messages, claims, done = KEYS[1], KEYS[3], KEYS[4]
local token, FIRST = ARGV[2], 5
local CHUNK = 250 -- fours at a time: unpack takes no more than a thousand arguments
local TRIM = 1000 -- finished messages forgotten in one call, so that no call takes long

local now_ms = tonumber(ARGV[1])
if not now_ms then
  local time = redis.call('TIME')
  now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
end

local lost = {}

local function settle(from, to)
  local ids = {}
  for i = from, to, 4 do
    ids[#ids + 1] = ARGV[i]
  end
  local tokens = redis.call('ZMSCORE', claims, unpack(ids))
  local settled, records, scores = {}, {}, {['2'] = {}, ['4'] = {}, ['5'] = {}}
  local seen = {}
  for n, id in ipairs(ids) do
    if tokens[n] == token and not seen[id] then
      seen[id] = true
      local i = from + (n - 1) * 4
      local target = scores[ARGV[i + 1]]
      settled[#settled + 1] = id
      records[#records + 1], records[#records + 2] = id, ARGV[i + 3]
      target[#target + 1], target[#target + 2] = ARGV[i + 2], id
    else
      lost[#lost + 1] = id
    end
  end
  if #settled > 0 then
    redis.call('HSET', messages, unpack(records))
    for key, target in pairs(scores) do
      if #target > 0 then
        redis.call('ZADD', KEYS[tonumber(key)], unpack(target))
      end
    end
    redis.call('ZREM', claims, unpack(settled))
  end
end

local function forget(ids)
  if #ids > 0 then
    redis.call('HDEL', messages, unpack(ids))
    redis.call('ZREM', done, unpack(ids))
  end
end

for from = FIRST, #ARGV, CHUNK * 4 do
  settle(from, math.min(from + CHUNK * 4 - 1, #ARGV))
end
local excess = redis.call('ZCARD', done) - tonumber(ARGV[4])
if excess > 0 then
  forget(redis.call('ZRANGE', done, 0, math.min(excess, TRIM) - 1))
end
forget(redis.call('ZRANGE', done, '-inf', now_ms - ARGV[3], 'BYSCORE', 'LIMIT', 0, TRIM))
return lost
