/**
 * One audience is one sorted set: feeds scored by the time of joining in microseconds, each with a score of its own, and
 * below zero the sentinels:
 *
 *   next             there as long as the audience is held; its score is that of the last feed that joined, negated
 *   ready            there once a build has ended
 *   filling:<token>  a build that runs; it may declare the audience ready only while its own mark is still there
 */

/** KEYS audiences · ARGV feeds. Ignores audiences that are not held. */
export const join = `
for _, key in ipairs(KEYS) do
  if redis.call('ZSCORE', key, 'next') then
    for _, feed in ipairs(ARGV) do
      redis.call('ZADD', key, -tonumber(redis.call('ZINCRBY', key, -1, 'next')), feed)
    end
  end
end
`;

/** KEYS audiences · ARGV feed. Returns the number of audiences that it has left. */
export const leave = `
local left = 0
for _, key in ipairs(KEYS) do left = left + redis.call('ZREM', key, ARGV[1]) end
return left
`;

/** KEYS audience · ARGV token, seconds to live. Returns 1 if the audience is ready and needs no build. */
export const beginBuild = `
if redis.call('ZSCORE', KEYS[1], 'ready') then return 1 end
local now = redis.call('TIME')
redis.call('ZADD', KEYS[1], 'NX', -(tonumber(now[1]) * 1000000 + tonumber(now[2])), 'next')
redis.call('ZADD', KEYS[1], '-inf', 'filling:' .. ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 0
`;

/**
 * KEYS audience · ARGV token. A missing mark means that the audience is gone, with feeds that have joined
 * meanwhile, or that another process has built it.
 */
export const endBuild = `
if redis.call('ZSCORE', KEYS[1], 'filling:' .. ARGV[1]) then
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '-inf')
  redis.call('ZADD', KEYS[1], '-inf', 'ready')
end
`;

/** KEYS audience · ARGV exclusive lower bound, how many, seconds to live. Answers nil, or the size, and members with scores. */
export const members = `
local key = KEYS[1]
if not redis.call('ZSCORE', key, 'ready') then return nil end
redis.call('EXPIRE', key, ARGV[3])
return {
  redis.call('ZCOUNT', key, 1, '+inf'),
  redis.call('ZRANGEBYSCORE', key, '(' .. ARGV[1], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[2]),
}
`;

/** KEYS audience · ARGV feed and score alternately. Leaves a feed that has joined again since. */
export const drop = `
for i = 1, #ARGV, 2 do
  local score = redis.call('ZSCORE', KEYS[1], ARGV[i])
  if score and tonumber(score) == tonumber(ARGV[i + 1]) then redis.call('ZREM', KEYS[1], ARGV[i]) end
end
`;
