-- Begins every script; the text of the script follows. The line before names the command that sends a message: PUBLISH, or SPUBLISH in Redis Cluster.

-- Returns the time in milliseconds since 1970.
local function clock(aheadMillis)
    local time = redis.call('TIME')
    return time[1] * 1000 + math.floor(time[2] / 1000) + aheadMillis
end

-- The index of the last argument that was taken.
local taken = 0

local function argument()
    taken = taken + 1
    return ARGV[taken]
end

local function integer(value)
    return string.format('%.0f', value)
end

local function field(text)
    return struct.pack('>I4', #text) .. text
end

-- Returns whether a room of a generation has lost nothing: it is the first word of 'generations', which is that of this Redis, or another one, which is
-- that of a node from which the room has moved.
local function isKept(generation, generations)
    return generation and string.find(' ' .. generations .. ' ', ' ' .. generation .. ' ', 1, true)
end

-- Returns the generation of this Redis.
local function present(generations)
    return string.match(generations, '^%S*')
end

-- How long the position of a quiet room is kept beyond its history.
local SPARE_MILLIS = 600000

-- A server that was not here for DEAD_MILLIS is dead: its members are removed. No server is declared dead if none was here for QUIET_MILLIS (Redis was
-- away, not the servers), until they have had GRACE_MILLIS to return.
local DEAD_MILLIS, QUIET_MILLIS, GRACE_MILLIS, KEEP_MILLIS = 10000, 5000, 8000, 3600000

-- Notes in the hash 'servers' that a server is here. Returns whether it was: 'new', 'late' (others may have removed its members) or 'ok'.
local function attend(servers, server, now)
    local seen = redis.call('HMGET', servers, server, '@last')
    if now - tonumber(seen[2] or 0) > QUIET_MILLIS then
        redis.call('HSET', servers, '@grace', integer(now + GRACE_MILLIS))
    end
    redis.call('HSET', servers, server, integer(now), '@last', integer(now))
    redis.call('PEXPIRE', servers, KEEP_MILLIS)
    return not seen[1] and 'new' or now - seen[1] > DEAD_MILLIS and 'late' or 'ok'
end
