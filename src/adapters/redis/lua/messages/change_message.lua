#!lua flags=allow-oom
-- Writes the next state of a message that is not claimed, if nobody has changed it since it was read.
--
-- KEYS[1] messages  hash, id -> record
-- KEYS[2] due       zset, id -> due, ms
-- KEYS[3] done      zset, id -> due, ms
-- KEYS[4] dead      zset, id -> due, ms
-- KEYS[5] endings   list of 'ended at (ms):id', in the order of ending
-- KEYS[6] labels    hash, id -> labels (msgpack); with a colon and a label behind it: zset, id -> due, ms
-- ARGV[1] now, ms; empty: the server's clock
-- ARGV[2] retention of the finished past: its age, ms
-- ARGV[3] retention of the finished past: its count
-- ARGV[4] id
-- ARGV[5] the record as it was read
-- ARGV[6] number of the key it is in: 2 or 4
-- ARGV[7] number of the key it goes to: 2 or 3
-- ARGV[8] due, ms
-- ARGV[9] the record to write
-- ARGV[10] labels of the message, msgpack, or empty
--
-- Returns -1 if it is not as it was read, 1 if the partition's next due time became earlier, else 0
local messages, due, done, endings, labels = KEYS[1], KEYS[2], KEYS[3], KEYS[5], KEYS[6]
local queues = {['2'] = due, ['3'] = done, ['4'] = KEYS[4]}
local id, from, to = ARGV[4], queues[ARGV[6]], queues[ARGV[7]]
--@ clock
--@ labels
--@ forget
--@ first_due
local before = first_due()
if redis.call('HGET', messages, id) ~= ARGV[5] or not redis.call('ZSCORE', from, id) then
  return -1
end
take_labels(id, redis.call('HGET', labels, id))
put_labels(id, ARGV[8], ARGV[10])
redis.call('ZREM', from, id)
redis.call('HSET', messages, id, ARGV[9])
redis.call('ZADD', to, ARGV[8], id)
if to == done then
  redis.call('RPUSH', endings, string.format('%.0f:%s', now_ms, id))
  forget_oldest(tonumber(ARGV[2]), tonumber(ARGV[3]), 100)
end
return first_due() < before and 1 or 0
