-- Returns when the earliest waiting message is due (ms), or infinity if none waits. Uses due.
local function first_due()
  return tonumber(redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')[2] or math.huge)
end
