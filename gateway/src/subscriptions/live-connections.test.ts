import { expect, test } from 'vitest';
import { type Close, closeCodes } from '../websocket/close-codes.ts';
import { type LiveConnection, LiveConnections } from './live-connections.ts';

const connection = (viewer: string | undefined, subscriptions = 0) => {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const told: { why: Close; at: number; comeBackIn: number | undefined }[] = [];
  const session = viewer === undefined ? undefined : ({ viewer, expiresAt: 0 } as LiveConnection['session']);
  return {
    session,
    subscriptions,
    closed,
    told,
    close: (why: Close, comeBackIn?: number) => {
      told.push({ why, at: performance.now(), comeBackIn });
      resolve();
    },
  };
};

test('closes at once what is chosen, tells how many, and forgets what is closed', async () => {
  const connections = new LiveConnections();
  const [ada, alsoAda, grace, nobody] = [
    connection('ada'),
    connection('ada'),
    connection('grace'),
    connection(undefined),
  ];
  for (const each of [ada, alsoAda, grace, nobody]) connections.add(each);
  const adas = ({ session }: LiveConnection) => session?.viewer === 'ada';
  expect(connections.closeWhere(adas, closeCodes.revoked)).toBe(2);
  for (const { told } of [ada, alsoAda]) expect(told).toMatchObject([{ why: { code: 4441 } }]);
  for (const { told } of [grace, nobody]) expect(told).toEqual([]);
  await ada.closed;
  expect(connections.size).toBe(2);
  expect(connections.closeWhere(adas, closeCodes.revoked)).toBe(0);
});

test('closes many gently: spread, each with a hint of its own, and says when all are gone', async () => {
  const connections = new LiveConnections();
  const all = Array.from({ length: 300 }, (_, n) => connection('ada', n % 2));
  for (const each of all) connections.add(each);
  // Far longer than a busy machine may hold up this process, after which all timers would fire at once.
  const spread = 1_000;
  const { closed } = await connections.closeGently(
    ({ subscriptions }) => subscriptions > 0,
    closeCodes.schemaChanged,
    spread,
  );
  await closed;
  expect(connections.size).toBe(150);
  const told = all.flatMap((each) => each.told);
  expect(told).toHaveLength(150);
  const times = told.map(({ at }) => at);
  expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(30);
  expect(new Set(told.map(({ comeBackIn }) => comeBackIn)).size).toBeGreaterThan(30);
  for (const { comeBackIn } of told) expect(comeBackIn).toBeLessThanOrEqual(spread);
});
