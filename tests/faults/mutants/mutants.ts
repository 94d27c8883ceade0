/** One spoilt place. The text must be there exactly once: a mutant whose place has changed is stale, and fails loudly. */
export interface Spoil {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** What must notice: a fault of the harness, or tests by their path, and by their name where one is enough. */
export type Catcher = { readonly fault: string } | { readonly tests: string; readonly named?: string };

export interface Mutant {
  readonly name: string;
  readonly spoils: readonly Spoil[];
  readonly caughtBy: Catcher;
}

const mutant = (name: string, caughtBy: Catcher, file: string, find: string, replace: string): Mutant => ({
  name,
  caughtBy,
  spoils: [{ file, find, replace }],
});

/** Mistakes that somebody might make. Each takes away one of the things on which a promise rests. */
export const mutants: readonly Mutant[] = [
  mutant(
    'the recorder acknowledges before it appends',
    { fault: 'recorder-dies-before-commit' },
    'recorder/src/record.ts',
    '      const { recorded } = await append(batch,',
    '      for (const delivery of batch) delivery.ack();\n      const { recorded } = await append(batch,',
  ),
  mutant(
    'the projector acknowledges before it applies',
    { fault: 'projector-dies-waiting-for-documents' },
    'projector/src/consume.ts',
    '    const outcome = await tryApply(events);',
    '    for (const { delivery } of events) delivery.ack();\n    const outcome = await tryApply(events);',
  ),
  mutant(
    'the last writer wins instead of the newest',
    { tests: 'projector/src/projections/merge-laws' },
    'projector/src/projections/define.ts',
    '  b === null || a[0] > b[0] || (a[0] === b[0] && a[1] > b[1]);',
    '  b === null || a !== b;',
  ),
  mutant(
    'live delivery asks no rule about who is followed',
    { tests: 'tests/query/friends-feed', named: 'shows nothing that is denied' },
    'subgraphs/query/src/reads/friends-feed.ts',
    'return item && belongsInFriendsFeed(item.actor.id, followed) ? item : undefined;',
    'return item && belongsInFriendsFeed(item.actor.id, new Set([item.actor.id, ...followed])) ? item : undefined;',
  ),
  mutant(
    'a deleted post may be seen',
    { tests: 'tests/query/live-feed' },
    'subgraphs/query/src/visibility.ts',
    '  !facts.post.deleted &&\n',
    '',
  ),
  mutant(
    'an item that is switched off may be seen',
    { tests: 'tests/query/friends-feed', named: 'shows nothing that is denied' },
    'subgraphs/query/src/visibility.ts',
    '  facts.item?.active === true &&',
    '  facts.item !== undefined &&',
  ),
  mutant(
    'a count that lost is not counted again',
    { tests: 'tests/projector/race' },
    'projector/src/recount.ts',
    'round <= 2 &&',
    'round <= 1 &&',
  ),
  mutant(
    'events are handed on whatever comes before them',
    { tests: 'tests/stores/queue' },
    'packages/stores/src/queue/jetstream.ts',
    'expect: { streamName: recordedStream, lastSequence: position - 1 },',
    'expect: { streamName: recordedStream },',
  ),
  {
    name: 'feeds are written before the documents',
    caughtBy: { tests: 'tests/projector/race' },
    spoils: [
      {
        file: 'projector/src/apply.ts',
        find: '    open = writes.length > 0 ? await collection.putMany(writes) : [];',
        replace: '    if (writes.length > 0) later.push(() => collection.putMany(writes));\n    open = [];',
      },
      {
        file: 'projector/src/apply.ts',
        find: '    return joinHints([own, await fanOut(applied)]);',
        replace:
          '    const hints = joinHints([own, await fanOut(applied)]);\n    for (const write of later.splice(0)) await write();\n    return hints;',
      },
      {
        file: 'projector/src/apply.ts',
        find: '    if (!fanOut || !projection.feedsReaders) return own;',
        replace:
          '    if (!fanOut || !projection.feedsReaders) {\n      for (const write of later.splice(0)) await write();\n      return own;\n    }',
      },
      {
        file: 'projector/src/apply.ts',
        find: 'export const createApply = (',
        replace: 'const later: (() => Promise<unknown>)[] = [];\nexport const createApply = (',
      },
    ],
  },
  mutant(
    'the claim of an idempotency key is ignored',
    { tests: 'tests/mutation/idempotency' },
    'subgraphs/mutation/src/execute.ts',
    'const { event } = await queue.claim(accept(fact, id, { idempotencykey: key, inputhash: hash }));',
    'const event = accept(fact, id, { idempotencykey: key, inputhash: hash });',
  ),
  mutant(
    'a retry publishes its own event and not the one that the key stands for',
    { tests: 'tests/mutation/idempotency' },
    'subgraphs/mutation/src/execute.ts',
    '    return mustBeSame(event, hash);\n  };',
    '    mustBeSame(event, hash);\n    return accept(fact, id, { idempotencykey: key, inputhash: hash });\n  };',
  ),
  mutant(
    'a cursor is believed unsigned',
    { tests: 'subgraphs/query/src/cursor', named: 'are refused after any change' },
    'subgraphs/query/src/cursor.ts',
    'timingSafeEqual(given, mac(kind, owner, position));',
    'timingSafeEqual(given, given);',
  ),
  mutant(
    'outboxes are not swept',
    { tests: 'tests/mutation/sign-up' },
    'subgraphs/mutation/src/accounts/outbox.ts',
    'for (const event of left) {',
    'for (const event of left.slice(left.length)) {',
  ),
  mutant(
    'a feed is filled without a mark',
    { tests: 'tests/stores/feeds.test' },
    'packages/stores/src/feeds/redis.ts',
    '      if ((await call(() => beginFill(keyOf(reader), mark, ttl))) === 1) return;\n      const entries = flat(await candidates(), cap);',
    '      const entries = flat(await candidates(), cap);\n      if ((await call(() => beginFill(keyOf(reader), mark, ttl))) === 1) return;',
  ),
  mutant(
    'an event that is in the store is appended again',
    { tests: 'tests/stores/event-store' },
    'packages/stores/src/event-store/append.ts',
    'if (own.some((identity) => taken.has(identity))) duplicates.push(event.id);',
    'if (own.length === 0) duplicates.push(event.id);',
  ),
  mutant(
    'progress is raised to what is only on its way',
    { tests: 'tests/projector/projector.test' },
    'projector/src/progress.ts',
    'return raised ? { position: ackFloor,',
    'return raised ? { position: ackFloor + inFlight + behind,',
  ),
  mutant(
    'whoever reads their own write does not wait for the projections',
    { tests: 'tests/query/own-writes' },
    'subgraphs/query/src/read-after.ts',
    'if (unknown.size === 0 && now.upTo() >= wanted) return true;',
    'if (unknown.size === 0 && now.upTo() >= 0) return true;',
  ),
  mutant(
    'live delivery goes beyond the progress',
    { tests: 'tests/query/live-feed' },
    'subgraphs/query/src/live/friends-feed.ts',
    'const due = entries.filter((entry) => entry.position <= upTo);',
    'const due = entries.filter((entry) => entry.position > 0);',
  ),
  mutant(
    'a recorder writes without the lock',
    { fault: 'two-recorders' },
    'packages/stores/src/event-store/writer.ts',
    '      if (rows[0]?.mine) break;',
    '      if (rows.length > 0) break;',
  ),
  mutant(
    'a batch that Redis did not take leaves the feeds as they are',
    { fault: 'redis-lost-by-projector' },
    'projector/src/fan-out.ts',
    'doc.epoch === epoch ? { epoch: epoch + 1 } : undefined,',
    'doc.epoch === epoch + 1 ? { epoch: epoch + 1 } : undefined,',
  ),
  mutant(
    'an event of an unknown kind is set aside and passed over',
    { fault: 'unknown-version' },
    'projector/src/consume.ts',
    '    if (error instanceof MalformedEvent) return error;\n    throw error;',
    '    if (error instanceof MalformedEvent) return error;\n    return error as Error;',
  ),
];
