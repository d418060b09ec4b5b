#!lua flags=no-writes
-- Reads messages in due order, then by id, from behind a position. All orders are read at the same moment.
--
-- KEYS[1] messages  hash, id -> record
-- KEYS[2] due       zset, id -> due, ms
-- KEYS[3] done      zset, id -> due, ms
-- KEYS[4] dead      zset, id -> due, ms
-- KEYS[5] claims    zset, id -> fencing token
-- KEYS[6] claimed   hash, id -> claimed at, ms
-- KEYS[7] owners    hash, fencing token -> owner
-- KEYS[8] labels    with a colon and a label behind it: zset, id -> due, ms
-- ARGV[1] numbers of the keys to look through: 2 to 5, or 8
-- ARGV[2] label to look for; not looked at unless 8 is among the keys
-- ARGV[3] states to look for, a digit each as in a record's head; empty: all
-- ARGV[4] due time of the position, ms, or -inf
-- ARGV[5] id of the position; empty: it is before all that is due then
-- ARGV[6] due time before which to end, ms, or inf
-- ARGV[7] limit: how many to return
-- ARGV[8] reach: how many to look at
--
-- Returns {due (ms) and id of the last one looked at, or '' twice if none is left behind it; id, record, claimed at (ms)
-- or '', who has claimed it or '', and so on in fours}
local messages, due, done, dead, claims, claimed, owners, labels =
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8]
local wanted, after, after_id, before = ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local limit, reach = tonumber(ARGV[7]), tonumber(ARGV[8])
local queues = {['2'] = due, ['3'] = done, ['4'] = dead, ['8'] = labels .. ':' .. ARGV[2]}
local HEAD = 14 -- bytes: version (u8), status (u8), attempts (u16), due (i64, ms), length of the notes (u16)
local DELIVERING = '1'
local MAX_BYTES = 4194304 -- of records, after which a page ends short; the next goes on

local function number_of(ms)
  return tonumber(ms) or (ms == 'inf' and math.huge or -math.huge)
end
local after_ms, before_ms = number_of(after), number_of(before)

-- Not by Lua's own comparison, which goes by the locale of the server.
local function sorts_behind(id, other)
  for n = 1, math.min(#id, #other) do
    if id:byte(n) ~= other:byte(n) then
      return id:byte(n) > other:byte(n)
    end
  end
  return #id > #other
end

local function is_behind(entry, due_ms, id)
  return entry.due_ms > due_ms or entry.due_ms == due_ms and sorts_behind(entry.id, id)
end

-- How many stand before the position or at it. Any number may be due at its time, so it is halved, not read.
local function rank_behind(queue)
  local low, high = redis.call('ZCOUNT', queue, '-inf', '(' .. after), redis.call('ZCOUNT', queue, '-inf', after)
  if after_id == '' then
    return low
  end
  while low < high do
    local middle = math.floor((low + high) / 2)
    if sorts_behind(redis.call('ZRANGE', queue, middle, middle)[1], after_id) then
      high = middle
    else
      low = middle + 1
    end
  end
  return low
end

local function ordered(queue)
  local from = rank_behind(queue)
  -- One more than is looked at, to know whether that is all.
  local to = math.min(from + reach, redis.call('ZCOUNT', queue, '-inf', '(' .. before) - 1)
  local entries = {at = 1}
  if to >= from then
    local pairs_read = redis.call('ZRANGE', queue, from, to, 'WITHSCORES')
    for i = 1, #pairs_read, 2 do
      entries[#entries + 1] = {id = pairs_read[i], due_ms = tonumber(pairs_read[i + 1])}
    end
  end
  return entries
end

-- What is being delivered is ordered by who has it: there is never more of it than instances may hold at once.
local function being_delivered()
  local entries = {at = 1}
  for _, id in ipairs(redis.call('ZRANGE', claims, 0, -1)) do
    local record = redis.call('HGET', messages, id)
    if record and #record >= HEAD then
      local entry = {id = id, due_ms = struct.unpack('>i8', record, 5)}
      if entry.due_ms < before_ms and is_behind(entry, after_ms, after_id) then
        entries[#entries + 1] = entry
      end
    end
  end
  table.sort(entries, function(entry, other)
    return is_behind(other, entry.due_ms, entry.id)
  end)
  return entries
end

local lists = {}
for number in ARGV[1]:gmatch('%d') do
  lists[#lists + 1] = number == '5' and being_delivered() or ordered(queues[number])
end

local function take_first()
  local first
  for _, list in ipairs(lists) do
    local entry = list[list.at]
    if entry and (not first or is_behind(first[first.at], entry.due_ms, entry.id)) then
      first = list
    end
  end
  if first then
    first.at = first.at + 1
    return first[first.at - 1]
  end
end

local reply = {'', ''}
local looked_at, bytes = 0, 0
local entry, last = take_first(), nil
while entry and looked_at < reach and #reply < 2 + 4 * limit and bytes < MAX_BYTES do
  local record = redis.call('HGET', messages, entry.id)
  if record and #record >= HEAD then
    local token = redis.call('ZSCORE', claims, entry.id)
    local state = token and DELIVERING or tostring(record:byte(2))
    if wanted == '' or wanted:find(state, 1, true) then
      local at = #reply
      reply[at + 1], reply[at + 2] = entry.id, record
      reply[at + 3] = token and redis.call('HGET', claimed, entry.id) or ''
      reply[at + 4] = token and redis.call('HGET', owners, token) or ''
    end
    bytes = bytes + #record
  end
  looked_at, last, entry = looked_at + 1, entry, take_first()
end
if entry then
  reply[1], reply[2] = string.format('%.0f', last.due_ms), last.id
end
return reply
