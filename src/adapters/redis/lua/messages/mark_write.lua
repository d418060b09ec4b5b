#!lua flags=allow-oom
-- Writes a key that nobody reads, so that the connection has a last write for `WAIT` to wait for.
--
-- KEYS[1] mark  string, empty
--
-- Returns nil
redis.call('SET', KEYS[1], '')
return nil
