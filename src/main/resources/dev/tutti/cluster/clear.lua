-- Deletes the publications that a room retains, and tells the servers.
-- KEYS state (hash), stream, keys (hash)
-- ARGV channel
-- Returns the top.
local found = redis.call('HMGET', KEYS[1], 'epoch', 'top')
redis.call('DEL', KEYS[2], KEYS[3])
if not found[1] then
    return {'0'}
end
local message = ''
for _, field in ipairs({'cleared1', found[1], found[2]}) do
    message = message .. struct.pack('>I4', #field) .. field
end
redis.call(PUBLISH, ARGV[1], message)
return {found[2]}
