-- Returns the publications of a room after a position, all retained ones if the epoch is another one; and the members.
-- KEYS state (hash), stream, keys (hash), members (hash)
-- ARGV milliseconds that the clock is ahead (0 but in tests), generations (see common.lua), new epoch if one is needed,
--      the known epoch, the known offset, the greatest age in milliseconds, most members and most bytes of a list
-- Returns epoch, top, now, number of the last change of members, number of members, number of those that follow: all or none;
--      for each of those: client, server and a line feed and the encoded member;
--      for each publication: offset, when it was appended, the encoded publication.
local now = clock(ARGV[1])
local state, stream, keys, members = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local maxMillis = tonumber(ARGV[6])

local found = redis.call('HMGET', state, 'epoch', 'top', 'generation', 'change', 'memberBytes')
local epoch, top = found[1], found[2] or '0'
if not epoch then
    redis.call('DEL', stream, keys)
end
if not found[4] then
    redis.call('DEL', members)
end
local generation = present(ARGV[2])
if not epoch or found[3] ~= generation then
    if not epoch or not isKept(found[3], ARGV[2]) then
        epoch = ARGV[3]
    end
    redis.call('HSET', state, 'epoch', epoch, 'top', top, 'generation', generation)
end
redis.call('PEXPIRE', state, integer(maxMillis + SPARE_MILLIS))
redis.call('PEXPIRE', members, integer(maxMillis + SPARE_MILLIS))

local size = redis.call('HLEN', members)
local answer = {epoch, top, integer(now), found[4] or '0', integer(size), '0'}
if size <= tonumber(ARGV[7]) and tonumber(found[5] or 0) <= tonumber(ARGV[8]) then
    answer[6] = answer[5]
    for _, value in ipairs(redis.call('HGETALL', members)) do
        answer[#answer + 1] = value
    end
end
local after = epoch == ARGV[4] and ARGV[5] or '0'
for _, entry in ipairs(redis.call('XRANGE', stream, '(' .. after .. '-0', '+')) do
    local fields = entry[2]
    if now - fields[4] < maxMillis then
        answer[#answer + 1] = string.match(entry[1], '^%d+')
        answer[#answer + 1] = fields[4]
        answer[#answer + 1] = fields[2]
    end
end
return answer
