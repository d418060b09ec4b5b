#!lua flags=allow-oom
-- Takes a scheduled message out of due order and writes it as cancelled. Loses against a claim.
--
-- KEYS[1] messages  hash, id -> record
-- KEYS[2] due       zset, id -> due, ms
-- KEYS[3] done      zset, id -> ended at, ms
-- ARGV[1] now, ms; empty: the server's clock
-- ARGV[2] id
-- ARGV[3] the status byte of a cancelled message
--
-- Returns 1 if it was cancelled, 0 if it was not scheduled
local id = ARGV[2]
local now_ms = tonumber(ARGV[1])
if not now_ms then
  local time = redis.call('TIME')
  now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
end
if redis.call('ZREM', KEYS[2], id) == 0 then
  return 0
end
local record = redis.call('HGET', KEYS[1], id)
redis.call('HSET', KEYS[1], id, record:sub(1, 1) .. ARGV[3] .. record:sub(3))
redis.call('ZADD', KEYS[3], now_ms, id)
return 1
