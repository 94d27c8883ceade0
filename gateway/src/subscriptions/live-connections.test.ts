import { expect, test } from 'vitest';
import { type Close, closeCodes } from '../websocket/close-codes.ts';
import { type LiveConnection, LiveConnections } from './live-connections.ts';

const connection = (viewer: string | undefined, subscriptions = 0) => {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const told: { why: Close; comeBackIn: number | undefined }[] = [];
  const session = viewer === undefined ? undefined : ({ viewer, expiresAt: 0 } as LiveConnection['session']);
  return {
    session,
    subscriptions,
    closed,
    told,
    close: (why: Close, comeBackIn?: number) => {
      told.push({ why, comeBackIn });
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
  const closedInTurn: number[] = [];
  for (const [n, { closed }] of all.entries()) void closed.then(() => closedInTurn.push(n));
  const spread = 1_000;
  const began = performance.now();
  const { closed } = await connections.closeGently(
    ({ subscriptions }) => subscriptions > 0,
    closeCodes.schemaChanged,
    spread,
  );
  await closed;
  expect(connections.size).toBe(150);
  const told = all.flatMap((each) => each.told);
  expect(told).toHaveLength(150);
  // A busy machine may hold up this process, after which many timers fire at once, but in their order, and none too early. The
  // last of 150 comes in the second half of 750 ms, and they come in another order than they were opened, but with a chance below
  // 1e-40.
  expect(performance.now() - began).toBeGreaterThan(370);
  expect(closedInTurn).not.toEqual(closedInTurn.toSorted((a, b) => a - b));
  expect(new Set(told.map(({ comeBackIn }) => comeBackIn)).size).toBeGreaterThan(30);
  for (const { comeBackIn } of told) expect(comeBackIn).toBeLessThanOrEqual(spread);
});
