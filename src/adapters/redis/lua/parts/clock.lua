-- Sets now_us and now_ms: to ARGV[1] (ms), or to the clock of the server where ARGV[1] is empty.
local now_us
if ARGV[1] ~= '' then
  now_us = tonumber(ARGV[1]) * 1000
else
  local time = redis.call('TIME')
  now_us = time[1] * 1000000 + time[2]
end
local now_ms = math.floor(now_us / 1000)
