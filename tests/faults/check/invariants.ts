import { inClientOrder } from '../../support/model/orders.ts';
import type { Settled } from '../../support/model/reference-model.ts';
import { type Model, modelInOrder } from '../../support/model/social.ts';
import { feedInModel, friendsFeedInModel } from '../../support/model/views.ts';
import { readQueue } from '../../support/servers/read-queue.ts';
import type { Arena } from '../arena.ts';
import type { Injected } from '../fault.ts';
import { type Page, pageFields } from '../workload/reader.ts';
import type { Subscriber } from '../workload/subscriber.ts';
import type { Watch } from '../workload/watch.ts';
import type { Workload } from '../workload/workload.ts';
import type { Person } from '../workload/world.ts';
import { differences, digest, modelDifferences } from './compare.ts';
import { choiceDifferences } from './compare-choices.ts';
import { notificationDifferences } from './notifications.ts';
import { type DeadLetterRow, readDocuments, readProgress, readStore, withDocuments } from './observe.ts';
import { rebuild } from './rebuild.ts';
import { secondsDiffer } from './seconds.ts';
import { loggedSecrets } from './secrets.ts';

export interface Checked {
  readonly settled: Settled;
  readonly events: number;
  readonly digests: { readonly live: string; readonly rebuilt: string };
}

export interface CheckOptions {
  readonly arena: Arena;
  readonly workload: Workload;
  readonly watch: Watch;
  /** Data that faults have injected into the queue and the documents. */
  readonly injected: Injected;
}

/** Reports the beginning of a long list. */
const tell = (watch: Watch, invariant: string, problems: readonly string[]): void => {
  watch.checked(invariant);
  for (const problem of problems.slice(0, 5)) watch.broken(invariant, problem);
  if (problems.length > 5) watch.broken(invariant, `and ${problems.length - 5} more`);
};

/** I1 to I8 and P10, on a system that is healed and at rest. I9 and I10 are the run's. */
export const checkInvariants = async (options: CheckOptions): Promise<Checked> => {
  const { arena, workload, watch, injected } = options;
  const { referenceModel } = workload.world;
  const store = await readStore(arena.urls.store);
  const { events, deadLetters } = store;

  const settled = referenceModel.settle(events, injected.events);
  tell(
    watch,
    'I1',
    settled.lost.map((what) => `lost: ${what}`),
  );
  tell(watch, 'I1', settled.wrong);
  tell(watch, 'I2', [
    ...events
      .flatMap(({ position }, i) => (position === i + 1 ? [] : [`position ${position} at place ${i + 1}`]))
      .slice(0, 1),
    ...(new Set(events.map(({ id }) => id)).size === events.length ? [] : ['an event id appears twice']),
    ...store.unchained.slice(0, 1).map((position) => `the hash chain breaks at position ${position}`),
  ]);
  tell(
    watch,
    'I3',
    settled.doubled.map((what) => `doubled: ${what}`),
  );

  const queue = await readQueue(arena.urls.queue);
  const stored = new Set(events.map(({ id }) => id));
  const unrecorded = queue.activity.filter((id) => !stored.has(id));
  watch.trace('left behind in ACTIVITY', {
    recorded: queue.activity.filter((id) => stored.has(id)),
    unrecorded,
  });
  tell(watch, 'I4', [
    ...(queue.recorded === events.length
      ? []
      : [`RECORDED is at ${queue.recorded}, the store at ${events.length}`]),
    ...(unrecorded.length === 0
      ? []
      : [`${unrecorded.length} accepted events are not recorded: ${unrecorded.slice(0, 5)}`]),
    ...[...queue.floors].flatMap(([name, floor]) =>
      floor === events.length ? [] : [`${name} has acknowledged up to ${floor} of ${events.length}`],
    ),
  ]);

  const live = await withDocuments(arena.urls.documents, readDocuments);
  const progress = await readProgress(
    arena.urls.documents,
    [...queue.floors.keys()].filter((name) => !name.endsWith('-standby')),
  );
  tell(
    watch,
    'I4',
    [...progress].flatMap(([name, at]) =>
      at === events.length ? [] : [`${name} says that it is at ${at} of ${events.length}`],
    ),
  );
  if (Object.keys(arena.seconds).length > 0)
    tell(watch, 'both agree', await secondsDiffer(arena, store, async () => live));
  const rebuilt = await rebuild(arena.urls.store, arena.urls.documents);
  const digests = { live: digest(live), rebuilt: digest(rebuilt) };
  tell(watch, 'I5', differences(live, rebuilt));
  if (digests.live !== digests.rebuilt)
    watch.broken('I5', `digest ${digests.live} is not ${digests.rebuilt}`);
  const expected = modelInOrder(inClientOrder(settled.facts));
  const compared = [...modelDifferences(live, expected, settled), ...choiceDifferences(live, expected)];
  tell(
    watch,
    'I5',
    compared.filter((text) => !text.startsWith('counts/')),
  );
  tell(
    watch,
    'I6',
    compared.filter((text) => text.startsWith('counts/')),
  );

  for (const { person } of workload.readers)
    tell(watch, 'I7', await feedDifferences(workload, person, expected));
  for (const person of workload.world.people.slice(0, 4))
    tell(watch, 'I7', [
      ...(await feedDifferences(workload, person, expected)),
      ...(await notificationDifferences(workload, person, expected)),
    ]);
  for (const subscriber of workload.subscribers)
    tell(watch, 'P8', undelivered(subscriber, expected, settled));
  tell(watch, 'I8', unexpectedDeadLetters(deadLetters, injected));
  tell(watch, 'P10', loggedSecrets(arena, workload.world));
  return { settled, events: events.length, digests };
};

/** Returns the items that each subscriber still lacks after the last write. */
export const missingLive = async (
  arena: Arena,
  workload: Workload,
  injected: Injected,
): Promise<(subscriber: Subscriber) => string[]> => {
  const { events } = await readStore(arena.urls.store);
  const settled = workload.world.referenceModel.settle(events, injected.events);
  const expected = modelInOrder(inClientOrder(settled.facts));
  return (subscriber) => undelivered(subscriber, expected, settled);
};

/** Compares the friends feed and the own feed, each read page by page from either end, with the model. */
const feedDifferences = async (workload: Workload, person: Person, expected: Model): Promise<string[]> => {
  const { client } = workload.world;
  const readAll = async (field: 'friendsFeed' | 'myFeed', isForward: boolean): Promise<string[]> => {
    const entries: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const args = isForward ? 'first: 50, after: $cursor' : 'last: 50, before: $cursor';
      const { data } = await client.ask<Partial<Record<typeof field, Page>>>(
        `query ($cursor: String) { ${field}(${args}) { ${pageFields} } }`,
        { cursor },
        { token: person.token },
      );
      const page = data?.[field];
      if (!page) return ['no answer'];
      const shown = page.edges.map(({ node }) => `${node.verb} ${node.post.id}`);
      if (isForward) entries.push(...shown);
      else entries.unshift(...shown);
      const { hasNextPage, hasPreviousPage, startCursor, endCursor } = page.pageInfo;
      const [hasMore, end] = isForward ? [hasNextPage, endCursor] : [hasPreviousPage, startCursor];
      if (!hasMore || end === null) return entries;
      cursor = end;
    }
  };
  const compare = (what: string, found: string[], wanted: string[]): string[] => {
    const missing = wanted.filter((entry) => !found.includes(entry));
    const extra = found.filter((entry) => !wanted.includes(entry));
    if (missing.length + extra.length > 0)
      return [
        `${what} of ${person.handle}: missing ${missing.slice(0, 3)} (${missing.length}), too many ${extra.slice(0, 3)} (${extra.length})`,
      ];
    if (found.length !== wanted.length) return [`${what} of ${person.handle}: an item appears twice`];
    return found.join() === wanted.join() ? [] : [`${what} of ${person.handle}: another order`];
  };
  const wanted = {
    friendsFeed: friendsFeedInModel(expected, person.id).map((item) => item.replace(/^.*: /, '')),
    myFeed: feedInModel(expected, person.id, person.id),
  };
  return [
    ...compare('friends feed', await readAll('friendsFeed', true), wanted.friendsFeed),
    ...compare('friends feed backwards', await readAll('friendsFeed', false), wanted.friendsFeed),
    ...compare('own feed', await readAll('myFeed', true), wanted.myFeed),
    ...compare('own feed backwards', await readAll('myFeed', false), wanted.myFeed),
  ];
};

/**
 * Returns the items that a subscriber should have received and has not. Only items that were never undone are
 * certain: a share that was undone for a while may have been inactive when its position was passed, and one of a post that an
 * older item has may be left out as its repetition.
 */
const undelivered = (subscriber: Subscriber, expected: Model, { facts }: Settled): string[] => {
  const takenBack = new Set(
    facts.flatMap(({ event }) =>
      event.type.includes('unshared') ? [`${event.actor} ${event.subject}`] : [],
    ),
  );
  // Their posts may have been hidden from the subscriber when somebody shared them.
  const guarded = new Set(
    facts.flatMap(({ event }) =>
      (event.data as { protected?: boolean } | undefined)?.protected === true ? [event.actor] : [],
    ),
  );
  // A follow that nobody could check may have shown nothing while its account was protected.
  const guessed = new Set(
    facts.flatMap(({ event }) => {
      const isGuess = (event.data as { unchecked?: boolean } | undefined)?.unchecked === true;
      return isGuess && event.actor === subscriber.person.id ? [event.subject] : [];
    }),
  );
  // Likewise, if a moderator has hidden them for a while.
  const moderated = new Set(
    facts.flatMap(({ event }) => (event.type === 'rookery.post.hidden.v1' ? [event.subject] : [])),
  );
  const [first] = subscriber.delivered;
  const delivered = new Set(
    subscriber.delivered.map(({ node }) => `${node.verb} ${node.post.id} ${node.actor.id}`),
  );
  const positions = subscriber.delivered.map(({ cursor }) =>
    Number(Buffer.from(cursor, 'base64url').readBigUInt64BE()),
  );
  const disordered = positions.flatMap((position, i) =>
    position > (positions[i - 1] ?? 0) ? [] : [position],
  );
  const { handle, id } = subscriber.person;
  const follows = new Set(
    [...expected.relations.follow].flatMap((pair) =>
      pair.startsWith(`${id} `) ? [pair.split(' ')[1] ?? ''] : [],
    ),
  );
  const from = first ? (positions[0] ?? 0) : Number.MAX_SAFE_INTEGER;
  const hasOlder = (post: string, position: number): boolean =>
    facts.some(
      (fact) =>
        fact.position < position &&
        follows.has(fact.event.actor) &&
        (fact.event.id === post || (fact.event.subject === post && fact.event.type.includes('.shared'))),
    );
  const missing = facts.flatMap(({ position, event }) => {
    if (position < from || !follows.has(event.actor)) return [];
    const verb = event.type.includes('published') ? 'POST' : 'SHARE';
    const about = verb === 'POST' ? event.id : event.subject;
    if (moderated.has(about) || (guarded.has(event.actor) && guessed.has(event.actor))) return [];
    if (!expected.belongsInFriendsFeed(id, event.actor, verb, about)) return [];
    if (verb === 'POST')
      return expected.posts.get(event.id)?.deleted || !expected.isFor(id, event.id)
        ? []
        : [`POST ${event.id} ${event.actor}`];
    const pair = `${event.actor} ${event.subject}`;
    const standing =
      event.type.includes('.shared') && expected.relations.share.has(pair) && !takenBack.has(pair);
    const post = expected.posts.get(event.subject);
    return standing &&
      !hasOlder(event.subject, position) &&
      post?.deleted === false &&
      !guarded.has(post.author) &&
      expected.isFor(id, event.subject)
      ? [`SHARE ${event.subject} ${event.actor}`]
      : [];
  });
  return [
    ...missing.filter((entry) => !delivered.has(entry)).map((entry) => `${handle} never got ${entry}`),
    ...disordered.map((position) => `${handle} got position ${position} out of order`),
  ];
};

const unexpectedDeadLetters = (
  deadLetters: readonly DeadLetterRow[],
  { deadLetters: expected }: Injected,
): string[] => {
  const found = new Set(deadLetters.map(({ by, id }) => `${by} ${id}`));
  const listed = [...expected].filter((entry) => ![...found].some((one) => one.startsWith(entry)));
  const extra = deadLetters.filter(
    ({ by, id }) => ![...expected].some((entry) => `${by} ${id}`.startsWith(entry)),
  );
  return [
    ...listed.map((entry) => `not listed: ${entry}`),
    ...extra.map(({ by, id, error }) => `a dead letter without need: ${by} ${id}: ${error.slice(0, 200)}`),
  ];
};
