import { setTimeout } from 'node:timers/promises';
import { Client } from '../support/clients/client.ts';
import type { Account, System } from '../support/index.ts';

const page = `{ friendsFeed(first: 20) { edges { cursor node { id verb actor { handle name }
  post { id body likeCount replyCount author { handle name } } } } } }`;
const publish = 'mutation ($body: String!) { publishPost(input: { body: $body }) { activity { id } } }';

/** Milliseconds between an answer and the next request. */
const pauses = { read: 20, write: 100 };

/** Clients that write and read until they are stopped. */
export interface Load {
  /** Names the current phase, by which reads are grouped. */
  at(what: string): void;
  /** Durations of reads in milliseconds, by the phase in which they began. */
  readonly reads: ReadonlyMap<string, readonly number[]>;
  readonly failures: readonly string[];
  readonly writes: number;
  stop(): Promise<void>;
}

/** Each reader pages through a friends feed of posts by the writers, and by others whom it follows. */
export const startLoad = async (
  system: System,
  { readers, writers }: Readonly<Record<'readers' | 'writers', readonly Account[]>>,
  others: readonly string[],
): Promise<Load> => {
  for (const { token } of readers) {
    const client = new Client(system.gatewayUrl, token);
    for (const userId of [...writers.map(({ id }) => id), ...others]) {
      await client.act('followUser', 'UserInput', { userId });
    }
  }
  let stopped = false;
  let now = 'warm-up';
  let writes = 0;
  const reads = new Map<string, number[]>();
  const failures: string[] = [];

  const lane = async ({ token }: Account, pause: number, work: (client: Client) => Promise<void>) => {
    const client = new Client(system.gatewayUrl, token);
    while (!stopped) {
      const during = now;
      await work(client).catch((error: unknown) => {
        if (!stopped) failures.push(`${during}: ${error}`);
      });
      await setTimeout(pause);
    }
  };
  const read = async (client: Client): Promise<void> => {
    const [start, during] = [performance.now(), now];
    const { friendsFeed } = await client.ask<{ friendsFeed: { edges: unknown[] } }>(page);
    const took = performance.now() - start;
    if (friendsFeed.edges.length === 0) throw new Error('an empty page');
    const times = reads.get(during);
    if (times) times.push(took);
    else reads.set(during, [took]);
  };
  const write = async (client: Client): Promise<void> => {
    await client.ask(publish, { body: `Number ${writes}` });
    writes += 1;
  };
  const lanes = [
    ...writers.map((account) => lane(account, pauses.write, write)),
    ...readers.map((account) => lane(account, pauses.read, read)),
  ];
  return {
    at(what) {
      now = what;
    },
    reads,
    failures,
    get writes() {
      return writes;
    },
    async stop() {
      stopped = true;
      await Promise.all(lanes);
    },
  };
};
