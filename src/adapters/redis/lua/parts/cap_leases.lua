-- Ends leases no later than their lifetime from now. One that would live longer was renewed before the clock was set
-- back. A lease that an earlier version granted has no lifetime here and stays as it is. Uses leases and grants.
local function cap_leases()
  local expiries = redis.call('ZRANGE', leases, 0, -1, 'WITHSCORES')
  for i = 1, #expiries, 2 do
    local grant = redis.call('HGET', grants, expiries[i])
    local latest = grant and now_ms + tonumber(grant:match('%d+$'))
    if latest and tonumber(expiries[i + 1]) > latest then
      redis.call('ZADD', leases, latest, expiries[i])
    end
  end
end
