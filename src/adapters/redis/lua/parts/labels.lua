-- Keeps the order of each label, over labels. Labels come and go as msgpack; nothing stands for none.
-- Goes before a script's other writes: on a cluster whose slots move, the order of a label may be elsewhere, which
-- ends the script.
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
