#!lua flags=allow-oom
-- Writes the next state of a message that is not claimed, if it has not changed since it was read.
--
-- KEYS[1] messages     hash, id -> record
-- KEYS[2] due          zset, id -> due, ms
-- KEYS[3] done         zset, id -> due, ms
-- KEYS[4] dead         zset, id -> due, ms
-- KEYS[5] endings      list of 'ended at (ms):id', in the order of ending
-- KEYS[6] labels       hash, id -> labels (msgpack); `labels:LABEL` for each label: zset, id -> due, ms
-- ARGV[1] now_ms       integer, ms; empty: the clock of the server
-- ARGV[2] max_age_ms   integer, ms, the age up to which ended messages are kept
-- ARGV[3] max_count    integer, the number of ended messages that are kept
-- ARGV[4] id           string, the id of the message
-- ARGV[5] read_record  bytes, the record as the caller read it
-- ARGV[6] from         integer, the number of the key that the message is in: 2 or 4
-- ARGV[7] to           integer, the number of the key that the message moves to: 2 or 3
-- ARGV[8] due_ms       integer, ms
-- ARGV[9] record       bytes, the record to write
-- ARGV[10] packed      bytes, the labels (msgpack); empty: none
--
-- Returns -1 if the message has changed, 1 if the next due time of the partition became earlier, else 0
local messages, due, done, dead, endings, labels = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local max_age_ms, max_count, id, read_record = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[5]
local queues = {['2'] = due, ['3'] = done, ['4'] = dead}
local from, to, due_ms, record, packed = queues[ARGV[6]], queues[ARGV[7]], ARGV[8], ARGV[9], ARGV[10]
--@ clock
--@ labels
--@ forget
--@ first_due
local before = first_due()
if redis.call('HGET', messages, id) ~= read_record or not redis.call('ZSCORE', from, id) then
  return -1
end
take_labels(id, redis.call('HGET', labels, id))
put_labels(id, due_ms, packed)
redis.call('ZREM', from, id)
redis.call('HSET', messages, id, record)
redis.call('ZADD', to, due_ms, id)
if to == done then
  redis.call('RPUSH', endings, string.format('%.0f:%s', now_ms, id))
  forget_oldest(max_age_ms, max_count, 100)
end
return first_due() < before and 1 or 0
