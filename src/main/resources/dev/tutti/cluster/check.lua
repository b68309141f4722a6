-- Returns the positions of several rooms of one part, and keeps them.
-- KEYS state (hash) of each room
-- ARGV milliseconds for which each is kept
-- Returns for each room: epoch or '', top
local answer = {}
for i, state in ipairs(KEYS) do
    local found = redis.call('HMGET', state, 'epoch', 'top')
    redis.call('PEXPIRE', state, ARGV[i])
    answer[#answer + 1] = found[1] or ''
    answer[#answer + 1] = found[2] or '0'
end
return answer
