-- Maintains one zset of ids by due time for each label. Uses labels. Labels are packed by msgpack; '' stands for none.
-- These functions are called before a script's other writes: on a cluster, the zset of a label may be on another node
-- while its slot moves, and the call then ends the script.
local function each_label(packed)
  return packed and packed ~= '' and cmsgpack.unpack(packed) or {}
end

local function put_labels(id, due_ms, packed)
  if packed ~= '' then
    for _, label in ipairs(each_label(packed)) do
      redis.call('ZADD', labels .. ':' .. label, due_ms, id)
    end
    redis.call('HSET', labels, id, packed)
  end
end

local function take_labels(id, packed)
  if packed then
    for _, label in ipairs(each_label(packed)) do
      redis.call('ZREM', labels .. ':' .. label, id)
    end
    redis.call('HDEL', labels, id)
  end
end
