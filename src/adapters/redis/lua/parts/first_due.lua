-- Tells when the first of what waits is due, over due; never, if nothing does.
local function first_due()
  return tonumber(redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')[2] or math.huge)
end
