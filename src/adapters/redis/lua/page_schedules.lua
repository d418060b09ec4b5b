#!lua flags=no-writes
-- Reads schedules in the order of their ids.
--
-- KEYS[1] schedules     hash, id -> record
-- KEYS[2] schedule_ids  zset, id -> 0
-- ARGV[1] where to begin: '-', or '(' and the id behind which it goes on
-- ARGV[2] limit: how many, at most 1001
--
-- Returns {id, record, id, record...}
local reply = {}
for _, id in ipairs(redis.call('ZRANGE', KEYS[2], ARGV[1], '+', 'BYLEX', 'LIMIT', 0, ARGV[2])) do
  reply[#reply + 1], reply[#reply + 2] = id, redis.call('HGET', KEYS[1], id)
end
return reply
