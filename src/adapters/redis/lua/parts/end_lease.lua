-- Ends a lease and frees its roles. Uses leases, owners, seats and grants.
local function end_lease(token)
  local roles = redis.call('HGETALL', seats)
  for i = 1, #roles, 2 do
    if roles[i + 1] == token then
      redis.call('HDEL', seats, roles[i])
    end
  end
  redis.call('ZREM', leases, token)
  redis.call('HDEL', owners, token)
  redis.call('HDEL', grants, token)
end
