-- Writes schedules, over now_ms, messages, due, done, endings, labels, schedules, planned and schedule_ids.
-- A step stands in ARGV: id, revision before, record, next occurrence (ms) or '', the message that is withdrawn: id or '',
-- due (ms), record; labels (msgpack) of its occurrences or '', how many they are, and id, due (ms), record of each.
local STEP = 9

local function revision_of(id)
  local record = redis.call('HGET', schedules, id)
  return record and struct.unpack('>i8', record, 2) or 0
end

local function waits(id)
  return id == '' or redis.call('ZSCORE', due, id)
end

local function withdraw(id, due_ms, record)
  if id ~= '' then
    redis.call('ZREM', due, id)
    redis.call('HSET', messages, id, record)
    redis.call('ZADD', done, due_ms, id)
    redis.call('RPUSH', endings, string.format('%.0f:%s', now_ms, id))
    forget_oldest(tonumber(ARGV[2]), tonumber(ARGV[3]), 100)
  end
end

local function fits(i, last)
  if revision_of(ARGV[i]) ~= tonumber(ARGV[i + 1]) or not waits(ARGV[i + 4]) then
    return false
  end
  for n = i + STEP, last, 3 do
    if redis.call('HEXISTS', messages, ARGV[n]) == 1 then
      return false
    end
  end
  return true
end

-- Takes the step that begins there, if all is as it was read. Returns whether it is, and where the next one begins.
local function take_step(i)
  local id, next_ms = ARGV[i], ARGV[i + 3]
  local last = i + STEP - 1 + 3 * ARGV[i + 8]
  if not fits(i, last) then
    return false, last + 1
  end
  for n = i + STEP, last, 3 do
    put_labels(ARGV[n], ARGV[n + 1], ARGV[i + 7])
  end
  withdraw(ARGV[i + 4], ARGV[i + 5], ARGV[i + 6])
  redis.call('HSET', schedules, id, ARGV[i + 2])
  redis.call('ZADD', schedule_ids, 0, id)
  if next_ms == '' then
    redis.call('ZREM', planned, id)
  else
    redis.call('ZADD', planned, next_ms, id)
  end
  for n = i + STEP, last, 3 do
    redis.call('HSET', messages, ARGV[n], ARGV[n + 2])
    redis.call('ZADD', due, ARGV[n + 1], ARGV[n])
  end
  return true, last + 1
end
