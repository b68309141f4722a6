-- Keeps a command of an administrator for servers that are away.
-- KEYS the commands (sorted set: message; the score is the time in milliseconds at which it was kept)
-- ARGV milliseconds for which a command is kept, number of commands that are kept, message
-- Returns nothing
local now = clock(0)
redis.call('ZADD', KEYS[1], integer(now), ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', integer(now - ARGV[1]))
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, integer(-1 - ARGV[2]))
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return {}
