import { audienceMutants } from './audiences.ts';
import { audienceOfPostMutants } from './audiences-of-posts.ts';
import { blockMutants } from './blocks.ts';
import { bulkMutants } from './bulk.ts';
import { clusterMutants } from './clusters.ts';
import { conversationMutants } from './conversation.ts';
import { countMutants } from './counts.ts';
import { type Mutant, mutant } from './define.ts';
import { feedMutants } from './feeds.ts';
import { gatewayMutants } from './gateway.ts';
import { handleMutants } from './handles.ts';
import { moderationMutants } from './moderation.ts';
import { muteMutants } from './mutes.ts';
import { notificationMutants } from './notifications.ts';
import { orderMutants } from './order.ts';
import { outageMutants } from './outages.ts';
import { projectorMutants } from './projector.ts';
import { pushMutants } from './push.ts';
import { recorderMutants } from './recorder.ts';
import { registryMutants } from './registry.ts';
import { requestMutants } from './requests.ts';
import { restoreMutants } from './restore.ts';
import { resultMutants } from './results.ts';
import { schemaMutants } from './schema.ts';
import { secretMutants } from './secrets.ts';
import { shapeMutants } from './shape.ts';
import { teamMutants } from './teams.ts';
import { threadMutants } from './threads.ts';

export type { Catcher, Mutant } from './define.ts';

/** Mistakes that somebody might make. Each takes away one of the things on which a promise rests. */
export const mutants: readonly Mutant[] = [
  mutant(
    'the recorder acknowledges before it appends',
    { fault: 'recorder-dies-before-commit', breaks: 'I1' },
    'recorder/src/record.ts',
    '      const recorded = await append(batch,',
    '      for (const delivery of batch) delivery.ack();\n      const recorded = await append(batch,',
  ),
  mutant(
    'the projector acknowledges before it applies',
    { tests: 'tests/projector/faults', named: 'is tried eight times' },
    'projector/src/consume.ts',
    '    const waiting = events.at(-1)?.delivery.waiting ?? 0;',
    '    const waiting = events.at(-1)?.delivery.waiting ?? 0;\n    for (const { delivery } of events) delivery.ack();',
  ),
  mutant(
    'the last writer wins instead of the newest',
    { tests: 'packages/read-models/src/projections/merge-laws', named: 'from the same events in any order' },
    'packages/read-models/src/projections/define.ts',
    '  b === null || a[0] > b[0] || (a[0] === b[0] && a[1] > b[1]);',
    '  b === null || a !== b;',
  ),
  mutant(
    'live delivery asks no rule about who is followed',
    { tests: 'tests/query/live-feed', named: 'asks the rules at delivery' },
    'packages/read-models/src/visibility.ts',
    'maySeeEntry(facts) && belongsToViewersFeed(facts) &&',
    'maySeeEntry(facts) &&',
  ),
  mutant(
    'a deleted post may be seen',
    { tests: 'tests/query/live-feed', named: 'asks the rules at delivery' },
    'packages/read-models/src/visibility.ts',
    '  !isGone(facts) &&\n',
    '',
  ),
  mutant(
    'a page holds as many large texts as it is asked for',
    { tests: 'tests/query/answer-size', named: 'fit whatever is asked for' },
    'subgraphs/query/src/answer-size/allowance.ts',
    'if (used + bytes > (count === 0 ? left : pageBytes)) break;',
    '',
  ),
  mutant(
    'a text may show nothing',
    { tests: 'subgraphs/mutation/src/input.test', named: 'names its field' },
    'subgraphs/mutation/src/visible-text.ts',
    "text === '' || visible.test(text)",
    'true',
  ),
  mutant(
    'one character may have any number of marks',
    { tests: 'subgraphs/mutation/src/characters', named: 'refuses one character of too many' },
    'subgraphs/mutation/src/characters.ts',
    'if (segment.length <= marksEach) continue;',
    'continue;',
  ),
  mutant(
    'a deleted post keeps its text',
    { tests: 'packages/read-models/src/projections/projections', named: 'keep their place but no text' },
    'packages/read-models/src/projections/posts.ts',
    'return { ...rest, body: null, version: null, editedAt: null, revisions: {}, deletions, deleted: true };',
    'return { ...rest, revisions: {}, deletions, deleted: true };',
  ),
  mutant(
    'the generation kept for rolling back keeps deleted texts',
    { tests: 'tests/projector/deleted-text.test', named: 'gone from every generation' },
    'packages/read-models/src/projections/posts.ts',
    "erases: ({ event }) => event.name === 'rookery.post.deleted',",
    '',
  ),
  mutant(
    'a deleted post of a hidden author says what it answered',
    { tests: 'tests/query/threads', named: 'byte for byte as one that never was' },
    'packages/read-models/src/visibility.ts',
    'isAuthored(facts) && isGone(facts) && mayKnowUser(facts.author) &&',
    'isAuthored(facts) && isGone(facts) &&',
  ),
  mutant(
    'an item that is switched off may be seen',
    { tests: 'tests/query/friends-feed', named: 'shows nothing that is denied' },
    'packages/read-models/src/visibility.ts',
    '  facts.item?.active === true &&',
    '  facts.item !== undefined &&',
  ),
  mutant(
    'events are relayed without their predecessors',
    { tests: 'tests/stores/queue', named: 'refuses what is not the next position' },
    'packages/message-queue/src/recorded.ts',
    '  header.set(expectedLastHeader, String(position - 1));',
    '',
  ),
  {
    name: 'feeds are written before the documents',
    caughtBy: { tests: 'tests/projector/race', named: 'the post is in the feed' },
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
    { tests: 'tests/mutation/idempotency', named: 'one key is one effect and one answer' },
    'subgraphs/mutation/src/execute.ts',
    'const { event } = await queue.claim(accept(proposal, id, actor, context, idempotency));',
    'const event = accept(proposal, id, actor, context, idempotency);',
  ),
  mutant(
    'a retry publishes its own event and not the one that the key stands for',
    { tests: 'tests/mutation/idempotency', named: 'one key is one effect and one answer' },
    'subgraphs/mutation/src/execute.ts',
    '    return { event: mustBeSame(event, hash), isRecorded: false };\n  };',
    '    mustBeSame(event, hash);\n    const own = accept(proposal, id, actor, context, idempotency);\n    return { event: own, isRecorded: false };\n  };',
  ),
  mutant(
    'a cursor is believed unsigned',
    { tests: 'packages/graphql-server/src/cursor', named: 'are refused after any change' },
    'packages/graphql-server/src/cursor.ts',
    'timingSafeEqual(given, mac(secret, kind, owner, position))',
    'timingSafeEqual(given, given)',
  ),
  mutant(
    'outboxes are not swept',
    { tests: 'tests/mutation/sign-up', named: 'killed between commit and publish' },
    'subgraphs/mutation/src/accounts/outbox.ts',
    'for (const event of left) {',
    'for (const event of left.slice(left.length)) {',
  ),
  mutant(
    'a feed is filled without a mark',
    { tests: 'tests/stores/feeds.test', named: 'whatever happens during a fill' },
    'packages/feeds/src/redis.ts',
    '      if ((await call(() => beginFill(keyOf(reader), token, ttlSeconds))) === 1) return;\n      const entries = flat(await candidates((all) => audiences.join([reader], all)), cap);',
    '      const entries = flat(await candidates((all) => audiences.join([reader], all)), cap);\n      if ((await call(() => beginFill(keyOf(reader), token, ttlSeconds))) === 1) return;',
  ),
  mutant(
    'an event that is in the store is appended again',
    { tests: 'tests/stores/event-store', named: 'says which ones were there already' },
    'packages/event-store/src/append.ts',
    'if (own.some((identity) => taken.has(identity))) duplicates.push(event.id);',
    'if (own.length === 0) duplicates.push(event.id);',
  ),
  mutant(
    'progress is raised to what is only on its way',
    { tests: 'tests/projector/faults', named: 'is tried eight times' },
    'projector/src/progress.ts',
    'return { floor: ackFloor, since };',
    'return { floor: ackFloor + inFlight + behind, since };',
  ),
  mutant(
    'whoever reads their own write does not wait for the projections',
    { tests: 'tests/query/own-writes', named: 'waits until every projection has applied the activity' },
    'subgraphs/query/src/read-after.ts',
    'if (unknown.size === 0 && now.upTo() >= wanted) return true;',
    'if (unknown.size === 0 && now.upTo() >= 0) return true;',
  ),
  mutant(
    'live delivery goes beyond the progress',
    { tests: 'tests/query/live-feed', named: 'gives each item once and in order over reconnects' },
    'subgraphs/query/src/live/friends-feed.ts',
    'const due = entries.filter((entry) => entry.position <= upTo);',
    'const due = entries.filter((entry) => entry.position > 0);',
  ),
  mutant(
    'a recorder writes without the lock',
    { tests: 'tests/stores/event-store', named: 'is one at a time' },
    'packages/event-store/src/writer.ts',
    '      if (rows[0]?.mine) break;',
    '      if (rows.length > 0) break;',
  ),
  mutant(
    'a batch that Redis did not take leaves the feeds as they are',
    { tests: 'tests/projector/faults', named: 'Redis, for the projector alone' },
    'projector/src/fan-out.ts',
    'doc.epoch === epoch ? { epoch: epoch + 1 } : undefined,',
    'doc.epoch === epoch + 1 ? { epoch: epoch + 1 } : undefined,',
  ),
  mutant(
    'an event of an unknown kind is set aside and passed over',
    { tests: 'tests/projector/projector.test', named: 'stop a projection loudly' },
    'projector/src/consume.ts',
    '    if (error instanceof MalformedEventError) return error;\n    throw error;',
    '    if (error instanceof MalformedEventError) return error;\n    return error as Error;',
  ),
  mutant(
    'live delivery goes on with what it read, however long ago',
    { tests: 'tests/query/slow-consumer', named: 'nothing that was hidden since' },
    'subgraphs/query/src/live/stream.ts',
    'performance.now() - readAt > freshForMs;',
    'performance.now() - readAt > freshForMs * 1e9;',
  ),
  mutant(
    'the chain of hashes is not checked',
    { tests: 'tests/recovery/audit', named: 'names an edited event' },
    'packages/audit/src/audit.ts',
    '  if (!chain(head.hash, row).equals(row.hash)) return',
    '  if (chain(head.hash, row).length !== row.hash.length) return',
  ),
  mutant(
    'published heads are not held against the chain',
    { tests: 'tests/recovery/audit', named: 'by published heads' },
    'packages/audit/src/audit.ts',
    "find(({ hash }) => hash !== row.hash?.toString('hex'));",
    'find(({ hash }) => hash.length !== 64);',
  ),
  mutant(
    'a standby takes and acknowledges what is for the primary',
    { tests: 'tests/projector/standby', named: 'a standby has consumers of its own' },
    'packages/failover/src/standby-read-models.ts',
    'const target: StandbyTarget = { consumer, document,',
    'const target: StandbyTarget = { consumer: name, document,',
  ),
  mutant(
    'a rebuild swaps before it has caught up',
    { tests: 'tests/recovery/rebuild-join', named: 'after its last look' },
    'projector/src/rebuild/rebuild.ts',
    '    await this.#followTo(this.#joinTo);\n',
    '',
  ),
  mutant(
    'a rebuild that is slower than the writers chases them whenever it fails',
    { tests: 'tests/recovery/rebuild-join', named: 'reads no further than before' },
    'projector/src/rebuild/rebuild.ts',
    'this.#joinTo ??= await',
    'this.#joinTo = await',
  ),
  mutant(
    'verify looks for nothing that was added',
    { tests: 'projector/src/verify/differences', named: 'edited, deleted or added' },
    'projector/src/verify/differences.ts',
    '      yield left as string;\n      one = await a.next();',
    '      one = await a.next();',
  ),
  mutant(
    'a writer of an older term may append',
    { tests: 'tests/fallbacks/fenced', named: 'a writer of both stores' },
    'packages/event-store/src/append.ts',
    'if (!answer.in_term) throw',
    'if (answer.in_term === null) throw',
  ),
  mutant(
    'a writer of an older term may copy to the primary',
    { tests: 'tests/fallbacks/fenced', named: 'of both, when the primary has gone on' },
    'packages/failover/src/two-writer.ts',
    'if (rowCount !== 1) throw',
    'if (rowCount === null) throw',
  ),
  mutant(
    'what the second queue knows of a key is not heeded',
    { tests: 'tests/fallbacks/redundant-queue', named: 'know the first input' },
    'packages/failover/src/redundant-queue.ts',
    'return { event: two.value.event,',
    'return { event: agreed,',
  ),
  mutant(
    'the second queue is not told what the first knows of a key',
    { tests: 'tests/fallbacks/redundant-queue', named: 'are told to the one that missed them' },
    'packages/failover/src/redundant-queue.ts',
    'outcomeOf(this.#second.claim(agreed));',
    'outcomeOf(this.#second.claim(event));',
  ),
  mutant(
    'RECORDED is taken to have what was recorded',
    { tests: 'tests/recorder/recorder', named: 'fills a queue that lost its data' },
    'recorder/src/event-relay.ts',
    '    this.#handed = await queue.lastPublished();',
    '    this.#handed = this.#appended;',
  ),
  mutant(
    'a key may come again with another input',
    { tests: 'tests/mutation/idempotency', named: 'the same key for another verb is a conflict' },
    'subgraphs/mutation/src/execute.ts',
    '  if (event.inputhash === hash) return event;',
    '  if (event.inputhash?.length === hash.length) return event;',
  ),
  mutant(
    'an event that cannot be applied is dropped silently',
    { tests: 'tests/projector/faults', named: 'is tried eight times' },
    'projector/src/dead-letters.ts',
    'if (tried >= limits.max) return add(delivery, error, tried);',
    'if (tried >= limits.max) return delivery.ack();',
  ),
  mutant(
    'a part of a backup is taken whatever its checksum',
    { tests: 'tests/recovery/backup', named: 'refuses what is not whole' },
    'packages/event-store/src/backup/manifest.ts',
    'found.sha256 !== part.sha256',
    'found.sha256.length !== part.sha256.length',
  ),
  mutant(
    'an error says what went wrong within',
    { tests: 'packages/graphql-server/src/errors', named: 'masks anything else' },
    'packages/graphql-server/src/errors.ts',
    "    message: 'Something went wrong on our side.',\n    ...position,",
    '    message: formatted.message,\n    ...position,',
  ),
  mutant(
    'what was read is kept for a consumer who asks for no more',
    { tests: 'tests/query/slow-consumer', named: 'has nothing kept for it' },
    'subgraphs/query/src/live/stream.ts',
    '          context.forget();\n          drop();',
    '          void drop;',
  ),
  {
    name: 'the documents read by each request are kept forever',
    caughtBy: { fault: 'never-reading-socket', breaks: 'I10' },
    spoils: [
      {
        file: 'subgraphs/query/src/context.ts',
        find: '  const loaders = createLoaders(reader, base.viewer);',
        replace: '  const loaders = createLoaders(reader, base.viewer);\n  kept.push(loaders);',
      },
      {
        file: 'subgraphs/query/src/context.ts',
        find: 'export const createContext = (',
        replace: 'const kept: Loaders[] = [];\nexport const createContext = (',
      },
    ],
  },
  mutant(
    'live delivery alone asks no rule about who is followed',
    { tests: 'tests/query/live-feed', named: 'asks the rules at delivery' },
    'subgraphs/query/src/live/friends-feed.ts',
    "await friendsItems(context, viewer, progress).placesOf(due, 'asc');",
    "(await (await import('../pipeline.ts')).showAll({ ...(await import('../views.ts')).friendsItemView(context.loaders, viewer), isVisible: (facts): facts is never => facts.item?.active === true }, due)).map((item) => item && { item, repeats: undefined });",
  ),
  ...gatewayMutants,
  ...handleMutants,
  ...teamMutants,
  ...registryMutants,
  ...requestMutants,
  ...pushMutants,
  ...recorderMutants,
  ...restoreMutants,
  ...resultMutants,
  ...schemaMutants,
  ...secretMutants,
  ...shapeMutants,
  ...outageMutants,
  ...audienceMutants,
  ...projectorMutants,
  ...feedMutants,
  ...blockMutants,
  ...audienceOfPostMutants,
  ...moderationMutants,
  ...muteMutants,
  ...conversationMutants,
  ...threadMutants,
  ...notificationMutants,
  ...bulkMutants,
  ...clusterMutants,
  ...orderMutants,
  ...countMutants,
];
