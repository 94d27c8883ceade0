import type { Redis } from 'ioredis';
import { type Charge, costOf, refill, type Taken, type TokenBuckets } from './token-bucket.ts';

/**
 * Takes from all buckets or from none, by the clock of the server, so that gateways with different clocks
 * agree. Each bucket is a hash with its rest and time; a full one expires. ARGV has for each key: limit,
 * tokens per millisecond, cost.
 */
const script = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local left, allowed = {}, 1
for i, key in ipairs(KEYS) do
  local limit, rate, cost = tonumber(ARGV[i * 3 - 2]), tonumber(ARGV[i * 3 - 1]), tonumber(ARGV[i * 3])
  local bucket = redis.call('HMGET', key, 'left', 'at')
  left[i] = limit
  if bucket[1] then
    left[i] = math.min(limit, bucket[1] + math.max(0, now - bucket[2]) * rate)
  end
  if left[i] < cost then allowed = 0 end
end
local answer = { allowed }
for i, key in ipairs(KEYS) do
  if allowed == 1 then
    local limit, rate = tonumber(ARGV[i * 3 - 2]), tonumber(ARGV[i * 3 - 1])
    left[i] = left[i] - tonumber(ARGV[i * 3])
    redis.call('HSET', key, 'left', tostring(left[i]), 'at', now)
    redis.call('PEXPIRE', key, math.ceil((limit - left[i]) / rate) + 1000)
  end
  answer[i + 1] = tostring(left[i])
end
return answer
`;

type Take = (keys: number, ...keysAndArguments: (string | number)[]) => Promise<[number, ...string[]]>;

const prefix = 'rate:';

/**
 * Buckets that all gateways share. rate-limiter-flexible counts in fixed windows, of which one that ends and one that
 * begins let twice the limit pass at once; it has no token bucket, and charges one key at a time.
 */
export class RedisBuckets implements TokenBuckets {
  readonly #take: Take;

  constructor(redis: Redis) {
    redis.defineCommand('takeTokens', { lua: script });
    const { takeTokens } = redis as unknown as { takeTokens: Take };
    this.#take = takeTokens.bind(redis);
  }

  async take(charges: readonly Charge[]): Promise<Taken> {
    const [allowed, ...left] = await this.#take(
      charges.length,
      ...charges.map(({ key }) => prefix + key),
      ...charges.flatMap((charge) => [charge.limit, refill(charge), costOf(charge)]),
    );
    return { allowed: allowed === 1, left: left.map(Number) };
  }
}
