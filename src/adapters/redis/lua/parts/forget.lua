-- Forgets a little of the oldest finished past, over messages, done, endings and labels.
-- `room` bounds the work: what ends in one call lets so many go in the same call, and a few more.
local function forget_oldest(age_ms, count, room)
  local excess = redis.call('LLEN', endings) - count
  local oldest = redis.call('LINDEX', endings, 0)
  local gone = {}
  local function is_too_old(ending)
    return tonumber(string.match(ending, '^-?%d+')) <= now_ms - age_ms
  end
  if oldest and (excess > 0 or is_too_old(oldest)) then
    for n, ending in ipairs(redis.call('LRANGE', endings, 0, room - 1)) do
      if n > excess and not is_too_old(ending) then
        break
      end
      gone[n] = string.match(ending, ':(.*)$')
    end
    if redis.call('HLEN', labels) > 0 then
      for n, packed in ipairs(redis.call('HMGET', labels, unpack(gone))) do
        take_labels(gone[n], packed)
      end
    end
    redis.call('LTRIM', endings, #gone, -1)
    redis.call('HDEL', messages, unpack(gone))
    redis.call('ZREM', done, unpack(gone))
  end
end
