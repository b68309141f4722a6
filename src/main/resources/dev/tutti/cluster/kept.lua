-- Returns commands that a server may have missed.
-- KEYS the commands, as in keep.lua
-- ARGV milliseconds for which the server was away
-- Returns for each, the earliest first: message, milliseconds since it was kept
local now = clock(0)
local kept = redis.call('ZRANGEBYSCORE', KEYS[1], integer(now - ARGV[1]), '+inf', 'WITHSCORES')
for i = 2, #kept, 2 do
    kept[i] = integer(math.max(0, now - kept[i]))
end
return kept
