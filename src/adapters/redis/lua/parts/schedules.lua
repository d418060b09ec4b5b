-- Writes schedules, over now_ms, messages, due, done, endings, labels, schedules, planned and schedule_ids.
--
-- An update is a sequence in ARGV. The first nine are: id, revision before, record, next occurrence (ms) or '',
-- id of the message to cancel or '', its due time (ms), its record, labels of the occurrences (msgpack) or '',
-- number of occurrences. For each occurrence follow: id, due time (ms), record.
local FIXED_ARGS = 9

local function revision_of(id)
  local record = redis.call('HGET', schedules, id)
  return record and struct.unpack('>i8', record, 2) or 0
end

local function can_cancel(id)
  return id == '' or redis.call('ZSCORE', due, id)
end

local function cancel(id, due_ms, record)
  if id ~= '' then
    redis.call('ZREM', due, id)
    redis.call('HSET', messages, id, record)
    redis.call('ZADD', done, due_ms, id)
    redis.call('RPUSH', endings, string.format('%.0f:%s', now_ms, id))
    forget_oldest(tonumber(ARGV[2]), tonumber(ARGV[3]), 100)
  end
end

local function is_current(i, last)
  if revision_of(ARGV[i]) ~= tonumber(ARGV[i + 1]) or not can_cancel(ARGV[i + 4]) then
    return false
  end
  for n = i + FIXED_ARGS, last, 3 do
    if redis.call('HEXISTS', messages, ARGV[n]) == 1 then
      return false
    end
  end
  return true
end

-- Writes the update that begins at ARGV[i], if nothing has changed since it was read.
-- Returns whether it was written, and the index of the next update.
local function write_update(i)
  local id, next_ms = ARGV[i], ARGV[i + 3]
  local last = i + FIXED_ARGS - 1 + 3 * ARGV[i + 8]
  if not is_current(i, last) then
    return false, last + 1
  end
  for n = i + FIXED_ARGS, last, 3 do
    put_labels(ARGV[n], ARGV[n + 1], ARGV[i + 7])
  end
  cancel(ARGV[i + 4], ARGV[i + 5], ARGV[i + 6])
  redis.call('HSET', schedules, id, ARGV[i + 2])
  redis.call('ZADD', schedule_ids, 0, id)
  if next_ms == '' then
    redis.call('ZREM', planned, id)
  else
    redis.call('ZADD', planned, next_ms, id)
  end
  for n = i + FIXED_ARGS, last, 3 do
    redis.call('HSET', messages, ARGV[n], ARGV[n + 2])
    redis.call('ZADD', due, ARGV[n + 1], ARGV[n])
  end
  return true, last + 1
end
