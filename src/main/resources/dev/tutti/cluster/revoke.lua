-- Remembers revocations of tokens, and sends a message to the servers.
-- KEYS the revocations (sorted set: name; the score is the time in milliseconds before which the tokens were issued)
-- ARGV milliseconds for which a revocation is kept, number of revocations that are kept, name of the one of all tokens, channel, message;
--      for each revocation: name, milliseconds
-- Returns the number of servers that receive the message
local now = clock(0)
local revocations = KEYS[1]
for i = 6, #ARGV, 2 do
    redis.call('ZADD', revocations, 'GT', ARGV[i + 1], ARGV[i])
end
redis.call('ZREMRANGEBYSCORE', revocations, '-inf', string.format('(%.0f', now - ARGV[1]))

-- In place of the earliest ones: all tokens that were issued before the last of them are revoked.
local excess = redis.call('ZCARD', revocations) - ARGV[2]
if excess > 0 then
    local earliest = redis.call('ZPOPMIN', revocations, string.format('%.0f', excess))
    redis.call('ZADD', revocations, 'GT', earliest[#earliest], ARGV[3])
end
return {redis.call(PUBLISH, ARGV[4], ARGV[5])}
