-- Returns the revocations that matter.
-- KEYS the revocations, as in revoke.lua
-- ARGV milliseconds for which a revocation is kept
-- Returns for each its name, milliseconds
local now = clock(0)
return redis.call('ZRANGEBYSCORE', KEYS[1], string.format('%.0f', now - ARGV[1]), '+inf', 'WITHSCORES')
