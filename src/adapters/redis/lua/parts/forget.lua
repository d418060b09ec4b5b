-- Forgets the oldest ended messages that the retention does not keep. Uses now_ms, messages, done, endings and labels.
-- `limit` bounds the work of one call. It is larger than the number of messages that end in the same call, so that
-- messages are forgotten faster than they end.
local function forget_oldest(age_ms, count, limit)
  local excess = redis.call('LLEN', endings) - count
  local oldest = redis.call('LINDEX', endings, 0)
  local gone = {}
  local function is_too_old(ending)
    return tonumber(string.match(ending, '^-?%d+')) <= now_ms - age_ms
  end
  if oldest and (excess > 0 or is_too_old(oldest)) then
    for n, ending in ipairs(redis.call('LRANGE', endings, 0, limit - 1)) do
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
