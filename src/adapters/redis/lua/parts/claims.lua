-- Ends claims and leases, over messages, due, claims, claimed, leases, owners and seats.
local HEAD = 14 -- bytes: version (u8), status (u8), attempts (u16), due (i64, ms), length of the notes (u16)
local YEAR_1, YEAR_10000 = -62135596800000, 253402300800000 -- ms; what is due before or from then on is no time

-- Puts a claimed message back in its place. One that is no record comes first: it has to be claimed to be found out.
local function give_back(id, record)
  local due_ms = record and #record >= HEAD and struct.unpack('>i8', record, 5) or 0
  redis.call('ZADD', due, due_ms >= YEAR_1 and due_ms < YEAR_10000 and due_ms or 0, id)
  redis.call('ZREM', claims, id)
  redis.call('HDEL', claimed, id)
end

local function end_lease(token)
  local held = redis.call('HGETALL', seats)
  for i = 1, #held, 2 do
    if held[i + 1] == token then
      redis.call('HDEL', seats, held[i])
    end
  end
  redis.call('ZREM', leases, token)
  redis.call('HDEL', owners, token)
end
