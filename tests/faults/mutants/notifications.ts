import { type Mutant, mutant } from './define.ts';

const rules = 'packages/read-models/src/visibility.ts';
const entries = 'subgraphs/query/src/notifications/entries.ts';
const view = 'subgraphs/query/src/notifications/view.ts';
const model = 'packages/read-models/src/projections/notifications.ts';
const newest = 'packages/read-models/src/projections/newest-of-actors.ts';
const settings = 'packages/read-models/src/projections/settings.ts';
const byModel = { tests: 'subgraphs/query/src/notifications', named: 'are what the model says' };
const byLive = { tests: 'subgraphs/query/src/notifications', named: 'come live exactly once' };
const byMention = { tests: 'subgraphs/query/src/notifications', named: 'tell of a mention once' };
const byLaws = {
  tests: 'packages/read-models/src/projections/merge-laws',
  named: 'produces the same documents from the same events',
};

/** Mistakes in who is notified of what, and in read markers. */
export const notificationMutants: readonly Mutant[] = [
  mutant(
    'notifications name people whom the viewer mutes',
    byModel,
    rules,
    'facts.holds && mayKnowUser(facts.user) && mayMeet(facts.relation) && !isMuted(facts);',
    'facts.holds && mayKnowUser(facts.user) && mayMeet(facts.relation);',
  ),
  mutant(
    'notifications name people whom a block hides',
    byModel,
    rules,
    'facts.holds && mayKnowUser(facts.user) && mayMeet(facts.relation) && !isMuted(facts);',
    'facts.holds && mayKnowUser(facts.user) && !isMuted(facts);',
  ),
  mutant(
    'notifications name people who have taken their act back',
    byModel,
    rules,
    'facts.holds && mayKnowUser(facts.user)',
    'mayKnowUser(facts.user)',
  ),
  mutant(
    'notifications of a kind that is switched off come to the list of others',
    { tests: 'packages/read-models/src/visibility.test', named: 'has people whom the viewer follows' },
    rules,
    "if (from === 'NOBODY') return false;",
    "if (from === 'NOBODY') return list === 'OTHERS' && !isFollowed;",
  ),
  mutant(
    'notifications are about posts that are deleted',
    byModel,
    view,
    '(facts.post === undefined || maySeeFound(facts.post)) && shownOf(facts).length > 0',
    'shownOf(facts).length > 0',
  ),
  mutant(
    'people are notified of what they do themselves',
    byModel,
    model,
    'ownKinds.has(kind) || actor !== recipient',
    'actor.length > 0',
  ),
  mutant(
    'a group keeps the act that was applied last, and not the newest',
    byLaws,
    newest,
    'if (known && !isNewer(entry, known)) return entries;',
    'if (known && !isNewer(entry, known) && !isNewer(known, entry)) return entries;',
  ),
  mutant(
    'a group grows with each like',
    { tests: 'subgraphs/query/src/notifications', named: 'count many likes in full' },
    newest,
    '    .slice(0, max);',
    ';',
  ),
  mutant(
    'notifications come live before all projections have reached them',
    byLive,
    entries,
    'entry.acts.filter(({ position }) => position <= upTo)',
    'entry.acts.filter(({ position }) => position >= 0)',
  ),
  mutant(
    'a live group is passed by while a later act is on its way',
    byLive,
    entries,
    'const position = Math.min(shown.acts[0]?.position ?? 0, upTo);',
    'const position = entry.position > upTo ? 0 : entry.position;',
  ),
  mutant(
    'people are told of edits before they shared the post',
    { tests: 'subgraphs/query/src/histories/histories.test', named: 'as in the model' },
    entries,
    ' || position <= (sharedAt ?? 0)',
    '',
  ),
  mutant(
    'a live stream passes by an edit that not all projections have reached',
    { tests: 'subgraphs/query/src/notifications', named: 'wait for an edit' },
    entries,
    'if (!actor || actor === viewer || position',
    'if (!actor || actor === viewer || position > upTo || position',
  ),
  mutant(
    'an open stream hears of edits of those posts only that were shared before',
    { tests: 'tests/e2e/notifications', named: 'shared meanwhile' },
    'packages/read-models/src/projections/feeds.ts',
    "if (verb === 'SHARE')",
    "if (verb === 'SHARE' && changed === 0)",
  ),
  mutant(
    'people are notified of mentions that the text no longer has',
    byMention,
    view,
    "if (!post.mentions?.includes(loaders.viewer ?? '')) return undefined;",
    '',
  ),
  mutant(
    'an edit that keeps a mention notifies again',
    byMention,
    model,
    'if (known && known.position <= act.position) return doc;',
    'if (known && known.position === act.position) return doc;',
  ),
  mutant(
    'requests to follow are told after they are answered',
    byModel,
    view,
    'return follow && pendingRequest(follow);',
    'return follow?.own?.ons?.[0];',
  ),
  mutant(
    'nobody is told of their own sign-ins',
    byModel,
    model,
    'ownKinds.has(kind) || actor !== recipient',
    'actor !== recipient',
  ),
  mutant(
    'a setting hides sign-ins',
    byModel,
    view,
    '(ownKinds.has(entry.kind) ? isNotifiedOfOwn(list) : isNotifiedOf(notifier, list, from))',
    'isNotifiedOf(notifier, list, from)',
  ),
  mutant(
    'nobody is told of a sign-in while the queue was down',
    { tests: 'tests/mutation/sign-up', named: 'tells the queue later' },
    'subgraphs/mutation/src/accounts/table.ts',
    'order by written_at limit $2)\n         order by',
    'order by written_at limit 0)\n         order by',
  ),
  mutant(
    'a read marker moves back',
    { tests: 'packages/read-models/src/projections/settings', named: 'are what the model says' },
    settings,
    'doc && doc.upTo >= data.upTo ? doc :',
    'doc && doc.upTo === data.upTo ? doc :',
  ),
  mutant(
    'an older choice of notifications replaces a newer one',
    { tests: 'packages/read-models/src/projections/settings', named: 'are what the model says' },
    settings,
    '!newer(version, doc[kind]?.version ?? null)',
    'doc[kind]?.version[1] === version[1]',
  ),
  mutant(
    "a read marker takes somebody else's cursor",
    { tests: 'tests/attacks/bookmarks', named: 'read markers show to nobody' },
    'subgraphs/mutation/src/lookup.ts',
    "positionOf: (list, cursor) => cursors.read(cursorKinds[list], actor, cursor, 'cursor'),",
    "positionOf: (_list, cursor) => Number(Buffer.from(cursor, 'base64url').readUInt32BE(4)),",
  ),
];
