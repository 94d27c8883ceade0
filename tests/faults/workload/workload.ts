import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../../support/eventually.ts';
import { ReferenceModel } from '../../support/model/reference-model.ts';
import { tellings } from '../check/secrets.ts';
import { GatewayClient } from '../gateway-client.ts';
import type { Random } from '../random.ts';
import { act } from './actor.ts';
import { moderate, signUpModerator } from './moderator.ts';
import { read, readPage } from './reader.ts';
import { attempt, perform, signUp } from './send.ts';
import { follow, type Subscriber } from './subscriber.ts';
import type { Watch } from './watch.ts';
import type { Person, SharedWorld } from './world.ts';

export interface WorkloadOptions {
  readonly url: string;
  readonly random: Random;
  readonly watch: Watch;
  readonly punctual: () => boolean;
  /** Number of people who write, and number of those who only read and listen. */
  readonly actors: number;
  readonly readers: number;
  /** Gives an account the right to moderate. */
  readonly grant: (handle: string) => Promise<void>;
  /** Milliseconds between two things that one person does. */
  readonly every: number;
}

export interface Workload {
  readonly world: SharedWorld;
  readonly readers: readonly { readonly person: Person; readonly follows: ReadonlySet<string> }[];
  readonly subscribers: readonly Subscriber[];
  /** Somebody whom every reader follows, and who does only what faults let them do. */
  readonly herald: Person;
  /** Posts as a person of its own, and resolves with the activity's id once it is projected. */
  probe(within: number): Promise<boolean>;
  /** Stops all who act and read; subscribers stay. Then tries what has a key and no good answer until it has one. */
  quiesce(within: number): Promise<void>;
  stop(): Promise<void>;
}

/** Number of popular people, whom every reader follows throughout. */
const hot = 3;

/** Signs everybody up, lets readers follow the hot ones and open their feeds, and sets everybody going. */
export const startWorkload = async (options: WorkloadOptions): Promise<Workload> => {
  const { url, random, watch } = options;
  const stopping = new AbortController();
  const world: SharedWorld = {
    client: new GatewayClient(url, (detail) => {
      watch.checked('P10');
      for (const told of tellings(detail)) watch.broken('P10', `an answer tells ${told}`);
    }),
    referenceModel: new ReferenceModel(),
    watch,
    people: [],
    signedUp: [],
    posts: [],
    postById: new Map(),
    blocked: new Set(),
    moderated: new Set(),
    guarded: new Set(),
    keysForgotten: false,
    mutesEnd: 0,
    stopping: stopping.signal,
    punctual: options.punctual,
  };
  const person = async (prefix: string): Promise<Person> =>
    eventually(() => signUp(world, `${prefix}_${randomUUID().slice(0, 8)}`), {
      what: 'sign-up',
      within: 20_000,
    });
  world.people.push(...(await Promise.all(Array.from({ length: options.actors }, () => person('actor')))));
  const prober = await person('probe');
  const herald = await person('herald');
  const moderator = await eventually(
    () => signUpModerator(world, `mod_${randomUUID().slice(0, 8)}`, options.grant),
    { what: 'a moderator', within: 20_000 },
  );
  /** Newcomers who have done what they wanted to do. */
  const suspects: Person[] = [];
  const stars = [...world.people.slice(0, hot), herald];
  const follows: ReadonlySet<string> = new Set(stars.map(({ id }) => id));

  const must = async (who: Person, action: 'follow' | 'publish', subject: string | null, data = {}) => {
    const done = await perform(world, who, { action, subject, data, key: randomUUID() });
    if (done.activity === null) throw new Error(`${action} was not accepted`);
    return done.activity;
  };
  for (const star of stars) {
    const id = await must(star, 'publish', null, { body: `${star.handle} begins` });
    // Never deleted, so that no reader's page is ever rightly empty.
    const post = {
      id,
      author: star.id,
      inReplyTo: undefined,
      quoted: undefined,
      visibility: undefined,
      deleting: false,
      gone: undefined,
      shown: undefined,
    };
    world.posts.push(post);
    world.postById.set(id, post);
  }
  const begun = new Set(world.posts.map(({ id }) => id));
  const readers = await Promise.all(
    Array.from({ length: options.readers }, async () => {
      const reader = await person('reader');
      for (const star of stars) await must(reader, 'follow', star.id);
      return { person: reader, follows };
    }),
  );
  const subscribers = await Promise.all(
    readers.map(async ({ person: reader }) => {
      const firstPage = async () => {
        const { data } = await readPage(world, reader, { first: 20 });
        const edges = data?.friendsFeed?.edges ?? [];
        return edges.length >= begun.size ? edges[0]?.cursor : undefined;
      };
      const cursor = await eventually(firstPage, { what: 'the first page', within: 20_000 });
      return follow(world, reader, url, cursor);
    }),
  );
  for (const post of world.posts.splice(0)) post.shown = performance.now();

  // Their pace, and no wait for anything.
  const newcomers = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await sleep(3_000, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) break;
      const newcomer = await signUp(world, `late_${randomUUID().slice(0, 8)}`);
      const post = world.posts.slice(-10).find(({ deleting }) => !deleting);
      if (!newcomer || !post) continue;
      for (const action of ['like', 'share'] as const)
        await perform(world, newcomer, { action, subject: post.id, data: {}, key: null });
      suspects.push(newcomer);
    }
  };
  const busy = Promise.all([
    ...world.people.map((who, i) => act(world, who, random.fork(`actor ${i}`), options.every)),
    ...readers.map(({ person: who }, i) =>
      read(world, who, follows, random.fork(`reader ${i}`), options.every * 3),
    ),
    newcomers(),
    moderate(world, moderator, suspects, random.fork('moderator'), options.every * 2),
  ]).catch((error: unknown) =>
    watch.broken('harness', error instanceof Error ? (error.stack ?? '') : String(error)),
  );

  const probe: Workload['probe'] = async (within) => {
    const end = performance.now() + within;
    const { activity } = await perform(world, prober, {
      action: 'publish',
      subject: null,
      data: { body: `probe ${randomUUID()}` },
      key: randomUUID(),
    });
    if (activity === null) return false;
    while (performance.now() < end) {
      const { data } = await world.client.ask<{ activity: { status: string } | null }>(
        'query ($id: ID!) { activity(id: $id) { status } }',
        { id: activity },
        { token: prober.token, readAfter: activity },
      );
      if (data?.activity?.status === 'PROJECTED') return true;
      await sleep(50);
    }
    return false;
  };

  return {
    world,
    readers,
    subscribers,
    herald,
    probe,
    async quiesce(within) {
      stopping.abort();
      await busy;
      // Nothing changes any more afterwards, whenever the model and the product are asked.
      await sleep(Math.max(0, world.mutesEnd - Date.now()));
      const byId = new Map(
        [...world.people, prober, herald, moderator, ...readers.map(({ person: who }) => who)].map((p) => [
          p.id,
          p,
        ]),
      );
      const open = world.referenceModel.operations.filter(
        ({ outcome, key }) => outcome === 'unknown' && key !== null,
      );
      const end = performance.now() + within;
      for (const operation of open) {
        const who = byId.get(operation.actor ?? '');
        if (!who || performance.now() > end) continue;
        await attempt(world, who, operation, 1);
        // Refused by now, for its post is gone: what became of an earlier try only the store can tell.
        if (operation.outcome === 'failed') operation.outcome = 'unknown';
      }
    },
    async stop() {
      stopping.abort();
      await busy;
      await Promise.all(subscribers.map((subscriber) => subscriber.stop()));
      await world.client[Symbol.asyncDispose]();
    },
  };
};
