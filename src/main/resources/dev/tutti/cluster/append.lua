-- Appends publications of several rooms of one part, and sends those of each room to the servers in one message.
-- KEYS for each room: state (hash), stream, keys (hash)
-- ARGV milliseconds that the clock is ahead (0 but in tests), generations (see common.lua), number of rooms;
--      for each room: channel, new epoch if one is needed, the history rule (count, bytes, milliseconds), number of publications;
--      for each of those: the encoded publication, its bytes in a history, key or ''
-- Returns for each room its epoch, then for each publication its offset: negative if one with the same key is retained.
local now = clock(ARGV[1])
local generations, generation = ARGV[2], present(ARGV[2])
taken = 3
local answer = {}

for room = 1, tonumber(ARGV[3]) do
    local state, stream, keys = KEYS[3 * room - 2], KEYS[3 * room - 1], KEYS[3 * room]
    local channel, newEpoch = argument(), argument()
    local maxCount, maxBytes, maxMillis = tonumber(argument()), tonumber(argument()), tonumber(argument())
    local found = redis.call('HMGET', state, 'epoch', 'top', 'generation', 'bytes', 'earliest')
    local epoch, top = found[1], tonumber(found[2] or 0)
    local bytes, earliest = tonumber(found[4] or 0), tonumber(found[5] or 0)
    if not epoch then
        redis.call('DEL', stream, keys)
        epoch = newEpoch
    elseif not isKept(found[3], generations) then
        epoch = newEpoch
    end
    local length = redis.call('XLEN', stream)
    if length == 0 then
        bytes, earliest = 0, now
        redis.call('DEL', keys)
    end

    -- Drops the earliest publications that exceed the rule; earliest is the time of the first that stays.
    local function trim()
        local some = 2
        while length > 0 and (length > maxCount or bytes > maxBytes or now - earliest >= maxMillis) do
            local first = redis.call('XRANGE', stream, '-', '+', 'COUNT', some)
            local ids = {}
            for i = 1, #first do
                local fields = first[i][2]
                earliest = tonumber(fields[4])
                if length <= maxCount and bytes <= maxBytes and now - earliest < maxMillis then
                    break
                end
                ids[#ids + 1] = first[i][1]
                length = length - 1
                bytes = bytes - fields[6]
                if fields[8] then
                    redis.call('HDEL', keys, fields[8])
                end
            end
            if #ids == 0 then
                break
            end
            redis.call('XDEL', stream, unpack(ids))
            some = math.min(16, some * 2)
        end
        if length <= 0 then
            earliest = now
        end
    end

    trim()
    answer[#answer + 1] = epoch
    local message = {}
    local first = top + 1
    for _ = 1, tonumber(argument()) do
        local publication, size, key = argument(), argument(), argument()
        local retained = key ~= '' and redis.call('HGET', keys, key)
        if retained then
            answer[#answer + 1] = -tonumber(retained)
        else
            top = top + 1
            answer[#answer + 1] = top
            message[#message + 1] = struct.pack('>I4', #publication)
            message[#message + 1] = publication
            if maxCount > 0 then
                local id = integer(top)
                if key == '' then
                    redis.call('XADD', stream, id .. '-0', 'p', publication, 't', integer(now), 'b', size)
                else
                    redis.call('XADD', stream, id .. '-0', 'p', publication, 't', integer(now), 'b', size, 'k', key)
                    redis.call('HSET', keys, key, id)
                end
                length = length + 1
                bytes = bytes + size
            end
        end
    end
    trim()
    redis.call('HSET', state, 'epoch', epoch, 'top', integer(top), 'generation', generation,
        'bytes', integer(bytes), 'earliest', integer(earliest))
    redis.call('PEXPIRE', state, integer(maxMillis + SPARE_MILLIS))
    if length > 0 then
        redis.call('PEXPIRE', stream, integer(maxMillis))
        redis.call('PEXPIRE', keys, integer(maxMillis))
    end
    if #message > 0 then
        local head = ''
        for _, field in ipairs({'appended1', epoch, integer(first), integer(now)}) do
            head = head .. struct.pack('>I4', #field) .. field
        end
        redis.call(PUBLISH, channel, head .. table.concat(message))
    end
end
return answer
