-- Returns the revocations that matter.
-- KEYS the revocations, as in revoke.lua
-- ARGV milliseconds for which a revocation is kept
-- Returns for each its name, milliseconds
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return redis.call('ZRANGEBYSCORE', KEYS[1], string.format('%.0f', now - ARGV[1]), '+inf', 'WITHSCORES')
