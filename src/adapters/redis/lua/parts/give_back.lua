-- Gives back claims. Uses due, claims and claimed.
local HEAD = 14 -- bytes: version (u8), status (u8), attempts (u16), due (i64, ms), length of the notes (u16)
local YEAR_1, YEAR_10000 = -62135596800000, 253402300800000 -- ms; due times outside this range are invalid

-- Returns a claimed message to due order. If its record is unreadable, it becomes due at 0, before most others: only
-- the next claim detects such a record and moves it to dead.
local function give_back(id, record)
  local due_ms = record and #record >= HEAD and struct.unpack('>i8', record, 5) or 0
  redis.call('ZADD', due, due_ms >= YEAR_1 and due_ms < YEAR_10000 and due_ms or 0, id)
  redis.call('ZREM', claims, id)
  redis.call('HDEL', claimed, id)
end
