-- Returns whether the lease of a fencing token was granted to the caller. The token alone does not prove it: a store
-- that lost its last writes may have granted the token again. Uses grants.
local function is_own(token, nonce)
  local grant = redis.call('HGET', grants, token)
  return grant and grant:match('^%S+') == nonce
end
