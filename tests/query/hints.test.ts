import { openHints } from '@rookery/query/live-parts';
import { createLog } from '@rookery/runtime';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { freshRedis } from '../support/index.ts';

const unhandled: unknown[] = [];
const note = (reason: unknown): void => {
  unhandled.push(reason);
};
beforeEach(() => {
  unhandled.length = 0;
  process.on('unhandledRejection', note);
});
afterEach(() => {
  process.off('unhandledRejection', note);
});

it('leaves no rejection unhandled if Redis refuses to subscribe again, and listens once it may', async () => {
  await using server = await freshRedis();
  using resources = new DisposableStack();
  const admin = resources.adopt(new Redis(server.url), (redis) => redis.disconnect());
  const hints = resources.adopt(openHints(server.url, createLog('test', 'silent')), (open) => open.close());
  let looks = 0;
  hints.watch('feed:somebody', () => {
    looks += 1;
  });
  await eventually(() => hints.connected && looks > 0, { what: 'the first subscription' });
  // Redis cuts off those who listen to what they may not any more; the client comes back and asks for it again.
  await admin.call('ACL', 'SETUSER', 'default', 'resetchannels');
  const refused = async (channel: string): Promise<number> => {
    const log = (await admin.call('ACL', 'LOG')) as unknown[][];
    const entry = log.find((fields) => fields.includes(channel));
    return Number(entry?.[entry.indexOf('count') + 1] ?? 0);
  };
  await eventually(async () => (await refused('live:feed:somebody')) > 1, { what: 'refusals of the topic' });
  expect(hints.connected).toBe(false);
  expect(unhandled).toEqual([]);
  await admin.call('ACL', 'SETUSER', 'default', 'allchannels');
  await eventually(() => hints.connected, { what: 'hints again' });
  const before = looks;
  await admin.publish('live:feed:somebody', '{}');
  await eventually(() => looks > before, { what: 'a hint' });
});
