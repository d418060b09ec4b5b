#!lua flags=allow-oom
-- Takes a scheduled message out of due order and writes it as cancelled. Loses against a claim.
--
-- KEYS[1] messages  hash, id -> record
-- KEYS[2] due       zset, id -> due, ms
-- KEYS[3] claims    zset, id -> fencing token
-- KEYS[4] done      zset, id -> ended at, ms
-- KEYS[5] dead      zset, id -> ended at, ms
-- ARGV[1] now, ms; empty: the server's clock
-- ARGV[2] id
-- ARGV[3] the status byte of a cancelled message
--
-- Returns nil if there is no such message, else {record, 1 if it is claimed else 0, ended at (ms) or ''}
local messages, due, claims, done, dead = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local id = ARGV[2]
local now_ms = tonumber(ARGV[1])
if not now_ms then
  local time = redis.call('TIME')
  now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
end
local record = redis.call('HGET', messages, id)
if not record then
  return nil
end
if redis.call('ZREM', due, id) == 1 then
  record = record:sub(1, 1) .. ARGV[3] .. record:sub(3)
  redis.call('HSET', messages, id, record)
  redis.call('ZADD', done, now_ms, id)
end
local claimed = redis.call('ZSCORE', claims, id) and 1 or 0
local ended_ms = redis.call('ZSCORE', done, id) or redis.call('ZSCORE', dead, id) or ''
return {record, claimed, ended_ms}
