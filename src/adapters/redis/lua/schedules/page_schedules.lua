#!lua flags=no-writes
-- Reads schedules in the order of their ids, until their records are 4 MiB.
--
-- KEYS[1] schedules     hash, id -> record
-- KEYS[2] schedule_ids  zset, id -> 0
-- ARGV[1] begin         string, '-' for the first, or '(' and the id after which to begin
-- ARGV[2] limit         integer, how many schedules to return
--
-- Returns {the id after which there are more, or ''; id, record, id, record...}
local MAX_BYTES = 4194304
local limit = tonumber(ARGV[2])
local ids = redis.call('ZRANGE', KEYS[2], ARGV[1], '+', 'BYLEX', 'LIMIT', 0, limit + 1)
local reply, bytes = {''}, 0
for n, id in ipairs(ids) do
  if n > limit or bytes >= MAX_BYTES then
    reply[1] = ids[n - 1]
    break
  end
  local record = redis.call('HGET', KEYS[1], id)
  bytes = bytes + #record
  reply[#reply + 1], reply[#reply + 2] = id, record
end
return reply
