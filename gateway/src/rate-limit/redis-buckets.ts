import { isCluster, type RedisClient } from '@rookery/redis';
import { type Charge, costOf, type PendingCharge, refill, type Taken } from './token-bucket.ts';

/**
 * Takes from all buckets or from none, by the clock of the server, so that gateways with different clocks
 * agree. Pending tokens are taken in any case, even if fewer are left. Each bucket is a hash with its rest and time;
 * a full one expires. ARGV has for each key: limit, tokens per millisecond, cost, tokens pending.
 */
const script = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local left, allowed = {}, 1
for i, key in ipairs(KEYS) do
  local limit, rate, cost, pending = unpack(ARGV, i * 4 - 3, i * 4)
  limit = tonumber(limit)
  local bucket = redis.call('HMGET', key, 'left', 'at')
  left[i] = limit
  if bucket[1] then
    left[i] = math.min(limit, bucket[1] + math.max(0, now - bucket[2]) * rate)
  end
  left[i] = left[i] - pending
  if left[i] < tonumber(cost) then allowed = 0 end
end
local answer = { allowed }
for i, key in ipairs(KEYS) do
  local limit, rate, cost, pending = unpack(ARGV, i * 4 - 3, i * 4)
  if allowed == 1 then left[i] = left[i] - cost end
  if allowed == 1 or tonumber(pending) ~= 0 then
    redis.call('HSET', key, 'left', tostring(left[i]), 'at', now)
    redis.call('PEXPIRE', key, math.ceil((limit - left[i]) / rate) + 1000)
  end
  answer[i + 1] = tostring(left[i])
end
return answer
`;

type Take = (...keysAndArguments: (string | number)[]) => Promise<[number, ...string[]]>;

const prefix = 'rate:';

/**
 * Buckets that all gateways share. rate-limiter-flexible counts in fixed windows, of which one that ends and one that
 * begins let twice the limit pass at once; it has no token bucket, and charges one key at a time.
 *
 * On a Redis Cluster the buckets of an operation are on different masters. Each is charged by itself, and refunded if
 * another one is exhausted: never more than the limit passes, but a request at the same moment may find less.
 */
export class RedisBuckets {
  readonly take: (charges: readonly PendingCharge[]) => Promise<Taken>;

  constructor(redis: RedisClient) {
    redis.defineCommand('takeTokens', { lua: script });
    redis.defineCommand('takeTokensOfOne', { lua: script, numberOfKeys: 1 });
    const commands = redis as unknown as Readonly<Record<'takeTokens' | 'takeTokensOfOne', Take>>;
    const takeOne = async (charge: Charge, cost: number, pending: number): Promise<OneTaken> => {
      const { key, limit } = charge;
      const [allowed, left] = await commands.takeTokensOfOne(
        prefix + key,
        limit,
        refill(charge),
        cost,
        pending,
      );
      return { allowed: allowed === 1, left: Number(left) };
    };
    this.take = isCluster(redis)
      ? (charges) => takeEach(charges, takeOne)
      : async (charges) => {
          const [allowed, ...left] = await commands.takeTokens(
            charges.length,
            ...charges.map(({ key }) => prefix + key),
            ...charges.flatMap((charge) => [charge.limit, refill(charge), costOf(charge), charge.pending]),
          );
          return { allowed: allowed === 1, left: left.map(Number) };
        };
  }
}

interface OneTaken {
  readonly allowed: boolean;
  readonly left: number;
}

const takeEach = async (
  charges: readonly PendingCharge[],
  takeOne: (charge: Charge, cost: number, pending: number) => Promise<OneTaken>,
): Promise<Taken> => {
  const taken = await Promise.all(
    charges.map(async (charge) => ({ charge, ...(await takeOne(charge, costOf(charge), charge.pending)) })),
  );
  if (taken.every(({ allowed }) => allowed)) return { allowed: true, left: taken.map(({ left }) => left) };
  const left = await Promise.all(
    taken.map(async ({ charge, allowed, left }) => {
      if (!allowed || costOf(charge) === 0) return left;
      // If this fails, the operation is refused all the same, and the tokens come back with time.
      await takeOne(charge, 0, -costOf(charge)).catch(() => {});
      return left + costOf(charge);
    }),
  );
  return { allowed: false, left };
};
