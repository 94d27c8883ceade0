import { type Mutant, mutant } from './define.ts';

/** Mistakes in what live delivery shows, and in what it keeps. */
export const liveDeliveryMutants: readonly Mutant[] = [
  mutant(
    'live delivery asks no rule about who is followed',
    { tests: 'tests/query/live-feed', named: 'asks the rules at delivery' },
    'packages/read-models/src/visibility.ts',
    'maySeeEntry(facts) && belongsToViewersFeed(facts) &&',
    'maySeeEntry(facts) &&',
  ),
  mutant(
    'an open feed hears of a revoked quote with its next read',
    { tests: 'tests/query/feed-events', named: 'tell of a quote that its author takes back' },
    'packages/read-models/src/projections/feeds.ts',
    'eventKinds.postUnhidden, eventKinds.postQuoteRevoked]',
    'eventKinds.postUnhidden]',
  ),
  mutant(
    'an open feed hears of an edit of a hidden post that is quoted',
    { tests: 'tests/query/feed-events', named: 'tell of a quoted post' },
    'subgraphs/query/src/live/quoted-posts.ts',
    'isConcerned: isInForce && mayHear(facts)',
    'isConcerned: isInForce',
  ),
  mutant(
    'an open feed hears of one of the posts that quote another',
    { tests: 'tests/query/feed-events', named: 'tell of a quoted post' },
    'subgraphs/query/src/live/quoted-posts.ts',
    "return more.length > 0 ? { kind: 'RELOAD' } : post",
    'return post',
  ),
  ...[
    {
      title: 'an open feed hears of a block between the authors of a quote when it looks by itself',
      file: 'subgraphs/query/src/live/feed-events.ts',
      code: '        ...blockTopicsOf(watched.quotes),\n',
      broken: '',
    },
    {
      title: 'an open post hears of a block between the authors of a quote when it looks by itself',
      file: 'subgraphs/query/src/live/post.ts',
      code: ', blockTopic(post.author.id, quotedAuthor));',
      broken: ', blockTopic(post.author.id, post.author.id));',
    },
    {
      title: 'an open post hears of an edit of the post that it quotes when it looks by itself',
      file: 'subgraphs/query/src/live/post.ts',
      code: 'post.quotes}`,',
      broken: 'post.id}`,',
    },
    {
      title: 'an open post hears that a quoted author protects the account when it looks by itself',
      file: 'subgraphs/query/src/live/post.ts',
      code: 'quotedAuthor}`,',
      broken: 'post.author.id}`,',
    },
    {
      title: 'an open feed hears nothing of people who are quoted',
      file: 'subgraphs/query/src/live/feed-changes.ts',
      code: '[...written, ...quotedAuthors(quotes)]',
      broken: '[...written]',
    },
    {
      title: 'a second block between two people is told to others',
      file: 'subgraphs/query/src/live/quoted-posts.ts',
      code: 'Math.min(...begun)',
      broken: 'Math.max(...begun)',
    },
    {
      title: 'a block between the authors of a revoked quote is told',
      file: 'subgraphs/query/src/live/quoted-posts.ts',
      code: 'isConcerned: isInForce && mayHear(facts)',
      broken: 'isConcerned: mayHear(facts)',
    },
    {
      title: 'a quote that shows nothing keeps changes of the quoted post from a feed that has it',
      file: 'subgraphs/query/src/live/feed-changes.ts',
      code: '    if (told) return told;',
      broken: '    return told;',
    },
  ].map(({ title, file, code, broken }) =>
    mutant(title, { tests: 'tests/query/live-rules', named: 'hear of all rules' }, file, code, broken),
  ),
  mutant(
    'the suspension of somebody whom a block hides is told',
    { tests: 'tests/query/live-rules', named: 'hear of all suspensions' },
    'subgraphs/query/src/live/feed-facts.ts',
    'return isShown ? reloadFor(context, object) : undefined;',
    'return isShown ? reload() : undefined;',
  ),
  mutant(
    'sharers are notified of a hidden reply as of an edit',
    { tests: 'subgraphs/query/src/histories/histories.test', named: 'as in the model' },
    'packages/read-models/src/projections/feeds.ts',
    'if (isByOthers(recorded)) return withChangeByOthers(doc, position);',
    'if (isByOthers(recorded)) return withChange(doc, doc.actor ?? event.actor, position);',
  ),
  mutant(
    'live delivery goes beyond the progress',
    { tests: 'tests/query/live-feed', named: 'gives each item once and in order over reconnects' },
    'subgraphs/query/src/live/friends-feed.ts',
    'const due = entries.filter((entry) => entry.position <= upTo);',
    'const due = entries.filter((entry) => entry.position > 0);',
  ),
  mutant(
    'live delivery goes on with what it read, however long ago',
    { tests: 'tests/query/slow-consumer', named: 'nothing that was hidden since' },
    'subgraphs/query/src/live/stream.ts',
    'performance.now() - readAt > freshForMs;',
    'performance.now() - readAt > freshForMs * 1e9;',
  ),
  mutant(
    'what was read is kept for a consumer who asks for no more',
    { tests: 'tests/query/slow-consumer', named: 'has nothing kept for it' },
    'subgraphs/query/src/live/stream.ts',
    '          context.forget();\n          drop();',
    '          void drop;',
  ),
  mutant(
    'live delivery alone asks no rule about who is followed',
    { tests: 'tests/query/live-feed', named: 'asks the rules at delivery' },
    'subgraphs/query/src/live/friends-feed.ts',
    "await friendsItems(context, viewer, progress).placesOf(due, 'asc');",
    "(await (await import('../pipeline.ts')).showAll({ ...(await import('../views.ts')).friendsItemView(context.loaders, viewer), isVisible: (facts): facts is never => facts.item?.active === true }, due)).map((item) => item && { item, repeats: undefined });",
  ),
  mutant(
    'a deleted post may be seen',
    { tests: 'tests/query/live-feed', named: 'asks the rules at delivery' },
    'packages/read-models/src/visibility.ts',
    '  !isGone(facts) &&\n',
    '',
  ),
];
