-- Returns the positions of several rooms of one part, and keeps them. Removes the members of servers that are dead.
-- KEYS servers (hash: when each server was here last), then for each room: state (hash), members (hash)
-- ARGV milliseconds that the clock is ahead (0 but in tests), this server;
--      for each room: channel, most members and most bytes of a list, milliseconds for which it is kept
-- Returns whether this server was here: 'new', 'late' (others may have removed its members) or 'ok';
--      for each room: epoch or '', top, number of the last change of members, '1' if the members are few enough to list again, else '0'
local now = clock(ARGV[1])
local servers, server = KEYS[1], ARGV[2]
taken = 2

local function pairsOf(flat)
    local map = {}
    for i = 1, #flat, 2 do
        map[flat[i]] = flat[i + 1]
    end
    return map
end

local answer = {attend(servers, server, now)}

local alive = pairsOf(redis.call('HGETALL', servers))
local mayRemove = now >= tonumber(alive['@grace'] or 0)
for name, at in pairs(alive) do
    local age = now - at
    if string.sub(name, 1, 1) == '@' or age > DEAD_MILLIS then
        alive[name] = nil
    end
    if string.sub(name, 1, 1) ~= '@' and age > 6 * DEAD_MILLIS then
        redis.call('HDEL', servers, name)
    elseif name ~= '@grace' and age < 0 then -- the clock went back
        redis.call('HSET', servers, name, integer(now))
    end
end
if tonumber(redis.call('HGET', servers, '@grace') or 0) > now + GRACE_MILLIS then
    redis.call('HSET', servers, '@grace', integer(now + GRACE_MILLIS))
end

local function remove(state, members, found, dead, channel, maxCount, maxBytes)
    local bytes = tonumber(found.memberBytes or 0)
    local wasList = redis.call('HLEN', members) <= maxCount and bytes <= maxBytes
    local changes = {}
    for client, member in pairs(pairsOf(redis.call('HGETALL', members))) do
        if dead[string.match(member, '^[^\n]*')] then
            redis.call('HDEL', members, client)
            bytes = bytes - #client - #member
            changes[#changes + 1] = field(client) .. field('')
        end
    end
    for name in pairs(dead) do
        redis.call('HDEL', state, 'in:' .. name)
    end
    if #changes > 0 then
        found.change = integer(found.change + 1)
        redis.call('HSET', state, 'change', found.change, 'memberBytes', integer(bytes))
        redis.call(PUBLISH, channel, field('members1') .. field(found.epoch) .. field(found.change)
            .. field(integer(redis.call('HLEN', members))) .. field(wasList and '1' or '0')
            .. (wasList and table.concat(changes) or ''))
        found.memberBytes = integer(bytes)
    end
end

for room = 1, (#KEYS - 1) / 2 do
    local state, members = KEYS[2 * room], KEYS[2 * room + 1]
    local channel, maxCount, maxBytes = argument(), tonumber(argument()), tonumber(argument())
    local keepMillis = argument()
    local found = pairsOf(redis.call('HGETALL', state))
    redis.call('PEXPIRE', state, keepMillis)
    redis.call('PEXPIRE', members, keepMillis)
    if found.epoch and found.change and mayRemove then
        local dead, isAny = {}, false
        for name in pairs(found) do
            if string.sub(name, 1, 3) == 'in:' and not alive[string.sub(name, 4)] then
                dead[string.sub(name, 4)] = true
                isAny = true
            end
        end
        if isAny then
            remove(state, members, found, dead, channel, maxCount, maxBytes)
        end
    end
    local isSmall = redis.call('HLEN', members) <= maxCount - math.floor(maxCount / 4)
        and tonumber(found.memberBytes or 0) <= maxBytes * 3 / 4
    answer[#answer + 1] = found.epoch or ''
    answer[#answer + 1] = found.top or '0'
    answer[#answer + 1] = found.change or '0'
    answer[#answer + 1] = isSmall and '1' or '0'
end
return answer
