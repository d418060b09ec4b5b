#!lua flags=allow-oom
-- Grants a lease under the next fencing token.
-- The token is one more than the last one, but at least the time of the clock in us. So a store that lost its last
-- writes, and with them the last token, does not grant the same tokens again.
--
-- KEYS[1] leases  zset, fencing token -> when the lease expires, ms
-- KEYS[2] owners  hash, fencing token -> owner
-- KEYS[3] token   string, the last fencing token, integer
-- KEYS[4] grants  hash, fencing token -> the owner's nonce, a space, the lifetime of the lease (ms)
-- ARGV[1] now_ms  integer, ms; empty: the clock of the server
-- ARGV[2] ttl_ms  integer, ms, the lifetime of the lease
-- ARGV[3] owner   string
-- ARGV[4] nonce   string without spaces, tells the lease apart from another with the same token
--
-- Returns the fencing token, integer
local leases, owners, last_token, grants = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local ttl_ms, owner, nonce = ARGV[2], ARGV[3], ARGV[4]
--@ clock
--@ cap_leases
for _, granted in ipairs(redis.call('HKEYS', grants)) do
  if not redis.call('ZSCORE', leases, granted) then -- an instance of an earlier version ended this lease
    redis.call('HDEL', grants, granted)
  end
end
local number = math.max((tonumber(redis.call('GET', last_token) or 0)) + 1, now_us)
if number % 10 == 0 then -- as a score, a number of many zeros would be read back as 1.7e+15, which is not this token
  number = number + 1
end
local token = string.format('%.0f', number)
redis.call('SET', last_token, token)
redis.call('ZADD', leases, now_ms + ttl_ms, token)
redis.call('HSET', owners, token, owner)
redis.call('HSET', grants, token, nonce .. ' ' .. ttl_ms)
cap_leases()
return token
