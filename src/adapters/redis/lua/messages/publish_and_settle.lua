#!lua flags=allow-oom
-- Puts messages into a stream, a list or a channel, and ends their claims as delivered: both, or neither.
-- Only claims that carry the caller's token count. Where the key holds something else, the claims are given back.
--
-- KEYS[1] messages  hash, id -> record
-- KEYS[2] due       zset, id -> due, ms
-- KEYS[3] done      zset, id -> due, ms
-- KEYS[4] endings   list of 'ended at (ms):id', in the order of ending
-- KEYS[5] claims    zset, id -> fencing token
-- KEYS[6] claimed   hash, id -> claimed at, ms
-- KEYS[7] leases    zset, fencing token -> runs out at, ms
-- KEYS[8] owners    hash, fencing token -> owner
-- KEYS[9] seats     hash, role -> fencing token
-- KEYS[10] labels    hash, id -> labels (msgpack); with a colon and a label behind it: zset, id -> due, ms
-- KEYS[11] target     the stream, the list or the channel
-- ARGV[1] now, ms; empty: the server's clock
-- ARGV[2] retention of the finished past: its age, ms
-- ARGV[3] retention of the finished past: its count
-- ARGV[4] fencing token of the caller's lease
-- ARGV[5] kind of the target: stream, list or pubsub
-- ARGV[6] about how many entries of a stream are kept; empty: all
-- ARGV[7..] id, due (ms), record, body, scheduled for, labels, and so on in sixes
--
-- Returns the ids whose claim is lost, or was given back
local messages, due, done, endings, claims, claimed, leases, owners, seats =
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local labels, target = KEYS[10], KEYS[11]
local token, kind, max_length, FIRST = ARGV[4], ARGV[5], ARGV[6], 7
--@ clock
--@ claims
--@ labels
--@ forget
local function put(id, body, scheduled_for, labels)
  local entry = {'id', id, 'body', body, 'scheduled-for', scheduled_for, 'labels', labels}
  if kind == 'list' then
    redis.call('LPUSH', target, body)
  elseif kind == 'pubsub' then
    redis.call('PUBLISH', target, body)
  elseif max_length == '' then
    redis.call('XADD', target, '*', unpack(entry))
  else
    redis.call('XADD', target, 'MAXLEN', '~', max_length, '*', unpack(entry))
  end
end

local holds = redis.call('TYPE', target).ok
local fits = holds == 'none' or holds == kind or kind == 'pubsub'
local ended_at = string.format('%.0f:', now_ms)
local lost = {}
for i = FIRST, #ARGV, 6 do
  local id = ARGV[i]
  if redis.call('ZSCORE', claims, id) ~= token then
    lost[#lost + 1] = id
  elseif not fits then
    lost[#lost + 1] = id
    give_back(id, redis.call('HGET', messages, id))
  else
    put(id, ARGV[i + 3], ARGV[i + 4], ARGV[i + 5])
    redis.call('HSET', messages, id, ARGV[i + 2])
    redis.call('ZADD', done, ARGV[i + 1], id)
    redis.call('RPUSH', endings, ended_at .. id)
    redis.call('ZREM', claims, id)
    redis.call('HDEL', claimed, id)
  end
end
forget_oldest(tonumber(ARGV[2]), tonumber(ARGV[3]), math.min(100 + #ARGV, 900))
return lost
