#!lua flags=allow-oom
-- Publishes messages to a store target (a stream, a list or a channel) and settles their claims as delivered.
-- Both happen or neither. Only claims under the caller's lease count. If the key of the target holds another
-- type, the claims are given back.
--
-- KEYS[1] messages    hash, id -> record
-- KEYS[2] due         zset, id -> due, ms
-- KEYS[3] done        zset, id -> due, ms
-- KEYS[4] endings     list of 'ended at (ms):id', in the order of ending
-- KEYS[5] claims      zset, id -> fencing token
-- KEYS[6] claimed     hash, id -> claimed at, ms
-- KEYS[7] labels      hash, id -> labels (msgpack); `labels:LABEL` for each label: zset, id -> due, ms
-- KEYS[8] target      the stream, list or channel
-- KEYS[9] grants      hash, fencing token -> the owner's nonce, a space, the lifetime of the lease (ms)
-- ARGV[1] now_ms      integer, ms; empty: the clock of the server
-- ARGV[2] max_age_ms  integer, ms, the age up to which ended messages are kept
-- ARGV[3] max_count   integer, the number of ended messages that are kept
-- ARGV[4] token       integer, the fencing token of the caller's lease
-- ARGV[5] nonce       string, the nonce of the caller's lease
-- ARGV[6] kind        string, the kind of the target: stream, list or pubsub
-- ARGV[7] max_length  integer, about how many entries of a stream are kept; empty: all
-- ARGV[8..] for each message: id, due (ms), record, body, scheduled for (RFC 3339), labels (JSON)
--
-- Returns the ids whose claims are lost or were given back
local messages, due, done, endings, claims, claimed, labels, target, grants =
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local max_age_ms, max_count = tonumber(ARGV[2]), tonumber(ARGV[3])
local token, nonce, kind, max_length, FIRST = ARGV[4], ARGV[5], ARGV[6], ARGV[7], 8
--@ clock
--@ give_back
--@ labels
--@ forget
--@ own_lease
local function publish(id, body, scheduled_for, json_labels)
  local entry = {'id', id, 'body', body, 'scheduled-for', scheduled_for, 'labels', json_labels}
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

local type_of_key = redis.call('TYPE', target).ok
local fits = type_of_key == 'none' or type_of_key == kind or kind == 'pubsub'
local ended_at = string.format('%.0f:', now_ms)
local lost, owns = {}, is_own(token, nonce)
for i = FIRST, #ARGV, 6 do
  local id = ARGV[i]
  if not owns or redis.call('ZSCORE', claims, id) ~= token then
    lost[#lost + 1] = id
  elseif not fits then
    lost[#lost + 1] = id
    give_back(id, redis.call('HGET', messages, id))
  else
    publish(id, ARGV[i + 3], ARGV[i + 4], ARGV[i + 5])
    redis.call('HSET', messages, id, ARGV[i + 2])
    redis.call('ZADD', done, ARGV[i + 1], id)
    redis.call('RPUSH', endings, ended_at .. id)
    redis.call('ZREM', claims, id)
    redis.call('HDEL', claimed, id)
  end
end
forget_oldest(max_age_ms, max_count, math.min(100 + #ARGV, 900))
return lost
