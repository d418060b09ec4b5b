#!lua flags=no-writes
-- Reads messages in due order, then by id, after a position. All queues are read at the same instant.
--
-- KEYS[1] messages     hash, id -> record
-- KEYS[2] due          zset, id -> due, ms
-- KEYS[3] done         zset, id -> due, ms
-- KEYS[4] dead         zset, id -> due, ms
-- KEYS[5] claims       zset, id -> fencing token
-- KEYS[6] claimed      hash, id -> claimed at, ms
-- KEYS[7] owners       hash, fencing token -> owner
-- KEYS[8] labels       `labels:LABEL` for each label: zset, id -> due, ms
-- ARGV[1] queues       digits, the numbers of the keys to search: 2 to 5, or 8
-- ARGV[2] label        string, the label to search for; ignored unless 8 is among the queues
-- ARGV[3] wanted       digits, the states to find, as in the head of a record; empty: all
-- ARGV[4] after_ms     integer, ms, the due time of the position; or -inf
-- ARGV[5] after_id     string, the id of the position; empty: the position is before all messages due at that time
-- ARGV[6] before_ms    integer, ms, the due time before which to stop; or inf
-- ARGV[7] limit        integer, how many messages to return
-- ARGV[8] max_checked  integer, how many messages to check
--
-- Returns {due (ms) and id of the last message checked, or '' twice if none is left after it; then for each message
-- found: id, record, claimed at (ms) or '', owner of the claim or ''}
local messages, due, done, dead, claims, claimed, owners, labels =
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8]
local queue_numbers, label, wanted, after, after_id, before = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local limit, max_checked = tonumber(ARGV[7]), tonumber(ARGV[8])
local queues = {['2'] = due, ['3'] = done, ['4'] = dead, ['8'] = labels .. ':' .. label}
local HEAD = 14 -- bytes: version (u8), status (u8), attempts (u16), due (i64, ms), length of the notes (u16)
local DELIVERING = '1'
local MAX_BYTES = 4194304 -- of the records of one page; the rest is on the next page

local function number_of(ms)
  return tonumber(ms) or (ms == 'inf' and math.huge or -math.huge)
end
local after_ms, before_ms = number_of(after), number_of(before)

-- Compares byte by byte, since Lua's own comparison depends on the locale of the server.
local function sorts_after(id, other)
  for n = 1, math.min(#id, #other) do
    if id:byte(n) ~= other:byte(n) then
      return id:byte(n) > other:byte(n)
    end
  end
  return #id > #other
end

local function is_after(entry, due_ms, id)
  return entry.due_ms > due_ms or entry.due_ms == due_ms and sorts_after(entry.id, id)
end

-- Returns the rank of the first entry after the position. By binary search: any number of entries may be due then.
local function rank_after(queue)
  local low, high = redis.call('ZCOUNT', queue, '-inf', '(' .. after), redis.call('ZCOUNT', queue, '-inf', after)
  if after_id == '' then
    return low
  end
  while low < high do
    local middle = math.floor((low + high) / 2)
    if sorts_after(redis.call('ZRANGE', queue, middle, middle)[1], after_id) then
      high = middle
    else
      low = middle + 1
    end
  end
  return low
end

local function entries_of(queue)
  local from = rank_after(queue)
  -- One entry more than is checked, to know whether more are left.
  local to = math.min(from + max_checked, redis.call('ZCOUNT', queue, '-inf', '(' .. before) - 1)
  local entries = {at = 1}
  if to >= from then
    local pairs_read = redis.call('ZRANGE', queue, from, to, 'WITHSCORES')
    for i = 1, #pairs_read, 2 do
      entries[#entries + 1] = {id = pairs_read[i], due_ms = tonumber(pairs_read[i + 1])}
    end
  end
  return entries
end

-- Sorts all claimed messages, since claims are ordered by fencing token. Their number is bounded: each instance has a
-- bounded number of messages in flight.
local function claimed_entries()
  local entries = {at = 1}
  for _, id in ipairs(redis.call('ZRANGE', claims, 0, -1)) do
    local record = redis.call('HGET', messages, id)
    if record and #record >= HEAD then
      local entry = {id = id, due_ms = struct.unpack('>i8', record, 5)}
      if entry.due_ms < before_ms and is_after(entry, after_ms, after_id) then
        entries[#entries + 1] = entry
      end
    end
  end
  table.sort(entries, function(entry, other)
    return is_after(other, entry.due_ms, entry.id)
  end)
  return entries
end

local lists = {}
for number in queue_numbers:gmatch('%d') do
  lists[#lists + 1] = number == '5' and claimed_entries() or entries_of(queues[number])
end

local function take_first()
  local first
  for _, list in ipairs(lists) do
    local entry = list[list.at]
    if entry and (not first or is_after(first[first.at], entry.due_ms, entry.id)) then
      first = list
    end
  end
  if first then
    first.at = first.at + 1
    return first[first.at - 1]
  end
end

local reply = {'', ''}
local checked, bytes = 0, 0
local entry, last = take_first(), nil
while entry and checked < max_checked and #reply < 2 + 4 * limit and bytes < MAX_BYTES do
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
  checked, last, entry = checked + 1, entry, take_first()
end
if entry then
  reply[1], reply[2] = string.format('%.0f', last.due_ms), last.id
end
return reply
