-- Changes members of several rooms of one part, and sends the changes of each room to the servers in one message.
-- KEYS servers (hash: when each server was here last), then for each room: state (hash), stream, keys (hash), members (hash)
-- ARGV milliseconds that the clock is ahead (0 but in tests), generations (see common.lua), this server, number of rooms;
--      for each room: channel, new epoch if one is needed, most members and most bytes of a list, milliseconds for which the room is kept,
--      number of changes; for each of those: client, the encoded member, or '' if it has left
-- Returns whether this server was here: 'new', 'late' (others may have removed its members) or 'ok'.
local now = clock(ARGV[1])
local servers, generations, server = KEYS[1], ARGV[2], ARGV[3]
local generation = present(generations)
taken = 4

local answer = attend(servers, server, now)

for room = 1, tonumber(ARGV[4]) do
    local state, members = KEYS[4 * room - 2], KEYS[4 * room + 1]
    local channel, newEpoch = argument(), argument()
    local maxCount, maxBytes, keepMillis = tonumber(argument()), tonumber(argument()), argument()
    local found = redis.call('HMGET', state, 'epoch', 'top', 'generation', 'change', 'memberBytes')
    local epoch, top = found[1], found[2] or '0'
    local change, bytes = tonumber(found[4] or 0), tonumber(found[5] or 0)
    if not epoch then
        redis.call('DEL', KEYS[4 * room - 1], KEYS[4 * room])
        epoch = newEpoch
    elseif not isKept(found[3], generations) then
        epoch = newEpoch
    end
    if not found[4] then
        redis.call('DEL', members)
        bytes = 0
    end
    local wasList = redis.call('HLEN', members) <= maxCount and bytes <= maxBytes

    local function count(owner, more)
        if redis.call('HINCRBY', state, 'in:' .. owner, more) <= 0 then
            redis.call('HDEL', state, 'in:' .. owner)
        end
    end

    local changes = {}
    for _ = 1, tonumber(argument()) do
        local client, member = argument(), argument()
        local before = redis.call('HGET', members, client)
        local owner, known
        if before then
            owner, known = string.match(before, '^([^\n]*)\n(.*)$')
            bytes = bytes - #client - #before
        end
        if member == '' then
            if before then
                redis.call('HDEL', members, client)
                count(owner, -1)
            end
        else
            redis.call('HSET', members, client, server .. '\n' .. member)
            bytes = bytes + #client + #server + 1 + #member
            if owner ~= server then
                count(server, 1)
                if owner then
                    count(owner, -1)
                end
            end
        end
        if member ~= (known or '') then
            changes[#changes + 1] = field(client)
            changes[#changes + 1] = field(member)
        end
    end

    local size = redis.call('HLEN', members)
    if #changes > 0 then
        change = change + 1
        local isList = wasList and size <= maxCount and bytes <= maxBytes
        redis.call(PUBLISH, channel, field('members1') .. field(epoch) .. field(integer(change)) .. field(integer(size))
            .. field(isList and '1' or '0') .. (isList and table.concat(changes) or ''))
    end
    redis.call('HSET', state, 'epoch', epoch, 'top', top, 'generation', generation, 'change', integer(change),
        'memberBytes', integer(bytes))
    redis.call('PEXPIRE', state, keepMillis)
    redis.call('PEXPIRE', members, keepMillis)
end
return {answer}
