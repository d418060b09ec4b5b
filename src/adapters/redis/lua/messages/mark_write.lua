#!lua flags=allow-oom
-- Writes a key that nothing reads, so that `WAIT` on this connection has a write to wait for.
--
-- KEYS[1] mark  string, empty
--
-- Returns nil
local mark = KEYS[1]
redis.call('SET', mark, '')
return nil
