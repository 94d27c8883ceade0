import { readMetric } from '@rookery/runtime';
import WebSocket from 'ws';
import type { Fault, FaultContext } from '../fault.ts';
import { perform } from '../workload/send.ts';
import type { Person } from '../workload/world.ts';

const row = 'slow subscriber, never-reading socket';
/** Subscriptions on the one socket: each event goes out as often. */
const subscriptions = 40;

/** A socket that subscribes to a friends feed, many times over, and then reads nothing. */
const openDeaf = async (url: string, { token }: Person): Promise<WebSocket> => {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws', {
    perMessageDeflate: false,
  });
  socket.on('error', () => {});
  const next = () =>
    new Promise<string>((resolve) => socket.once('message', (data) => resolve(String(data))));
  await new Promise((resolve) => socket.once('open', resolve));
  const acknowledged = next();
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }));
  await acknowledged;
  const query = 'subscription { friendsFeed { cursor node { id post { body } } } }';
  for (let i = 0; i < subscriptions; i++)
    socket.send(JSON.stringify({ type: 'subscribe', id: String(i), payload: { query } }));
  return socket;
};

const closedBy = async ({ arena }: FaultContext): Promise<number> => {
  const { gateway } = arena.system.metricsUrls;
  const counts = ['4450', '1006'].map((code) =>
    readMetric(gateway, 'rookery_gateway_sockets_closed_total', { code }),
  );
  return (await Promise.all(counts)).reduce<number>((sum, count = 0) => sum + count, 0);
};

export const subscriberFaults: readonly Fault[] = [
  {
    name: 'never-reading-socket',
    row,
    expected: 'bounded buffer, socket closed with a code; others unaffected; resume by cursor',
    async run(context) {
      const { arena, workload, fired, until, expect } = context;
      const reader = workload.readers[0]?.person;
      if (!reader) throw new Error('nobody is there');
      const before = await closedBy(context);
      const others = workload.subscribers.map(({ closes }) => closes.length);
      const { gateway } = arena.system.metricsUrls;
      const socket = await openDeaf(arena.gatewayUrl, reader);
      await until(
        'its subscriptions are open',
        20_000,
        async () => ((await readMetric(gateway, 'rookery_gateway_subscriptions')) ?? 0) >= subscriptions,
      );
      socket.pause();
      // 25 bytes each as one grapheme: the longest text that a post may have.
      const body = '👩‍👩‍👧‍👦'.repeat(4_900);
      let sent = 0;
      await until('the socket that does not read is closed', 60_000, async () => {
        const data = { body: `${++sent} ${body}` };
        await perform(workload.world, workload.herald, { action: 'publish', subject: null, data, key: null });
        return (await closedBy(context)) > before;
      });
      fired(`${subscriptions} subscriptions unread, ${sent} long posts`);
      expect(
        'the others keep their sockets',
        workload.subscribers.every(({ closes }, i) => closes.length === others[i]),
      );
      socket.terminate();
    },
  },
  {
    name: 'slow-subscribers',
    row,
    expected: 'slower for them; resumed by cursor; others unaffected',
    async run({ arena, fired, hold }) {
      const link = arena.links['client-gateway'];
      const { harmed } = link.counts;
      link.set({ kind: 'throttle', bytesPerSecond: 8_000 });
      await hold(10);
      if (link.counts.harmed > harmed) fired('client-gateway was throttled to 8 kB/s');
      link.set({ kind: 'pass' });
    },
  },
];
