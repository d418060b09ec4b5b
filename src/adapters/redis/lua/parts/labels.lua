-- Keeps the order of each label, over labels. Labels come and go as msgpack; nothing stands for none.
local function each_label(packed)
  return packed and packed ~= '' and cmsgpack.unpack(packed) or {}
end

local function put_labels(id, due_ms, packed)
  if packed ~= '' then
    redis.call('HSET', labels, id, packed)
    for _, label in ipairs(each_label(packed)) do
      redis.call('ZADD', labels .. ':' .. label, due_ms, id)
    end
  end
end

local function take_labels(id, packed)
  if packed then
    redis.call('HDEL', labels, id)
    for _, label in ipairs(each_label(packed)) do
      redis.call('ZREM', labels .. ':' .. label, id)
    end
  end
end
