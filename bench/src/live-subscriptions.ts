import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCommandLine, wholeNumber } from '@rookery/command-line';
import { Clients } from './live/clients.ts';
import { type Holds, type MeasuredGateway, startMeasured } from './live/gateway.ts';
import { LiveSubgraph } from './live/subgraph.ts';
import { latencies, until } from './measure.ts';

const usage = `npm run bench:live -- [--subscriptions N] [--per-socket N] [--rate N] [--seconds N] [--json]
                             [--profile DIR]

Holds many subscriptions open on one gateway process: what each costs in memory, how long an event takes from the
subgraph to the client, and what is left when all have gone.
  --subscriptions N  (5000)
  --per-socket N     subscriptions on one socket (1)
  --rate N           events a second, each for one subscription (1000)
  --seconds N        length of each measurement (10)
  --profile DIR      writes a CPU profile of the gateway there
  --json             one JSON object on standard output`;

const options = {
  subscriptions: { type: 'string', default: '5000' },
  'per-socket': { type: 'string', default: '1' },
  rate: { type: 'string', default: '1000' },
  seconds: { type: 'string', default: '10' },
  profile: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

const say = (line: string): void => console.error(`  … ${line}`);
const body =
  'Something of a usual length that somebody wrote for those who follow, in a sentence or two of text.';
const kib = (bytes: number): number => Math.round(bytes / 102.4) / 10;

interface Run {
  readonly gateway: MeasuredGateway;
  readonly subgraph: LiveSubgraph;
  readonly subscriptions: number;
  readonly perSocket: number;
  readonly rate: number;
  readonly seconds: number;
}

/** Sends events at a rate, several at a time at each tick of the clock. */
const send = async (perSecond: number, seconds: number, one: (n: number) => void): Promise<number> => {
  const start = performance.now();
  let sent = 0;
  for (const total = Math.round(perSecond * seconds); sent < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - start) / 1_000) * perSecond));
    while (sent < due) one(sent++);
    await sleep(2);
  }
  return sent;
};

const gone = async ({ gateway, subgraph }: Run): Promise<Holds> => {
  let holds = await gateway.holds();
  await until('all have gone', 30_000, async () => {
    holds = await gateway.holds();
    return holds.subscriptions + holds.upstreams + holds.sockets + subgraph.subscriptions === 0;
  });
  // Gives objects that are kept on purpose, such as closing sockets and cached plans, time to be released.
  await sleep(3_000);
  return gateway.holds();
};

const measure = async (run: Run, title: string, topicOf: (n: number) => number, topics: number) => {
  const { gateway, subgraph, subscriptions, perSocket, rate, seconds } = run;
  const before = await gateway.holds();
  const times: number[] = [];
  say(`${title}: opening ${subscriptions}`);
  const opening = performance.now();
  const clients = await Clients.open({
    url: `${gateway.url.replace('http', 'ws')}/graphql`,
    subscriptions,
    perSocket,
    topicOf,
    delivered: (time) => times.push(time),
  });
  await until('all are open', 60_000, async () => {
    const { subscriptions: open } = await gateway.holds();
    return open === subscriptions && subgraph.subscriptions === topics;
  });
  const opened = (performance.now() - opening) / 1_000;
  const open = await gateway.holds();
  const each = subscriptions / topics;
  say(`${title}: ${rate} deliveries a second for ${seconds} s`);
  const begun = await gateway.load();
  const sent = await send(rate / each, seconds, (n) => subgraph.tell((n * 7_919) % topics, body));
  await until('all is delivered', 30_000, async () => times.length === sent * each);
  const { cpu, longestDelayMs } = await gateway.load();
  const { p50, p99 } = latencies(times, seconds);
  say(`${title}: leaving`);
  await clients.close();
  const after = await gone(run);
  return {
    'opened in, s': opened,
    'heap for each subscription, KiB': kib((open.heap - before.heap) / subscriptions),
    'resident memory for each, KiB': kib((open.rss - before.rss) / subscriptions),
    'upstream subscriptions': open.upstreams,
    'events delivered': times.length,
    'delivery p50, ms': p50,
    'delivery p99, ms': p99,
    'CPU for each delivery, µs': ((cpu - begun.cpu) * 1e6) / times.length,
    'longest delay of the event loop, ms': longestDelayMs,
    'heap before, MiB': before.heap / 2 ** 20,
    'heap after all have left, MiB': after.heap / 2 ** 20,
    'resident before, MiB': before.rss / 2 ** 20,
    'resident after all have left, MiB': after.rss / 2 ** 20,
    'subscriptions, upstreams and sockets left': after.subscriptions + after.upstreams + after.sockets,
  };
};

const main = async (
  { subscriptions, perSocket, rate, seconds }: Pick<Run, 'subscriptions' | 'perSocket' | 'rate' | 'seconds'>,
  { profile, json }: { readonly profile: string | undefined; readonly json: boolean },
): Promise<void> => {
  await using resources = new AsyncDisposableStack();
  const dir = mkdtempSync(join(tmpdir(), 'rookery-bench-'));
  resources.defer(() => rmSync(dir, { recursive: true, force: true }));
  const subgraph = resources.use(await LiveSubgraph.start());
  const gateway = await startMeasured(subgraph.url, dir, resources, profile);
  const run: Run = {
    gateway,
    subgraph,
    subscriptions,
    perSocket,
    rate,
    seconds,
  };
  const warming = { ...run, subscriptions: Math.ceil(run.subscriptions / 5), seconds: 3 };
  await measure(warming, 'warming up', (n) => n, warming.subscriptions);
  const results = {
    'each subscription for itself': await measure(run, 'each for itself', (n) => n, run.subscriptions),
    'all ask for the same': await measure(run, 'all the same', () => 0, 1),
  };
  if (json) return console.log(JSON.stringify(results));
  for (const [title, figures] of Object.entries(results)) {
    console.log(title);
    for (const [what, value] of Object.entries(figures))
      console.log(`  ${what.padEnd(44)} ${value.toFixed(value % 1 === 0 ? 0 : 1).padStart(10)}`);
  }
};

try {
  process.exitCode = await runCommandLine({
    name: 'bench:live',
    usage,
    options,
    async run(values) {
      const run = {
        subscriptions: wholeNumber('subscriptions', values.subscriptions, 1),
        perSocket: wholeNumber('per-socket', values['per-socket'], 1),
        rate: wholeNumber('rate', values.rate, 1),
        seconds: wholeNumber('seconds', values.seconds, 1),
      };
      await main(run, { profile: values.profile, json: values.json });
      return 0;
    },
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
