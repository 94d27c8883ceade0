import { type Mutant, mutant } from './define.ts';

const protocol = 'packages/document-store/src/pending-counts.ts';
const model = {
  tests: 'packages/document-store/src/pending-counts',
  named: 'exact after every interleaving',
};

/** Mistakes in changing counts with their documents. */
export const countMutants: readonly Mutant[] = [
  mutant(
    'a pending change is added without another look at its document',
    model,
    protocol,
    'open = open.filter(({ token }) => tokens.has(token));\n',
    '\n',
  ),
  {
    name: 'the pending changes are read before the counts',
    caughtBy: model,
    spoils: [
      {
        file: protocol,
        find: 'const tokens = new Set(pending.map(({ token }) => token));',
        replace:
          'const tokens = new Set(pending.map(({ token }) => token));\n    const later = await store.counts([...counts.keys(), ...open.flatMap(({ changes }) => changes.map(({ id }) => id))]);',
      },
      {
        file: protocol,
        find: 'addChanges(counts, open, tokens);',
        replace: 'addChanges(later, open, tokens);',
      },
    ],
  },
  mutant(
    'a count unlists a write whose changes are still pending',
    model,
    protocol,
    '...applied.filter(({ token }) => pending.has(token)),',
    '...applied.filter(({ token }) => !pending.has(token)),',
  ),
  mutant(
    'changes are removed from a document although their count lost',
    model,
    protocol,
    'const done = open.filter((one) => !hasLost(one));',
    'const done = open;',
  ),
  mutant(
    'a change that the count lists is added again',
    model,
    protocol,
    'const added = all.filter(({ token }) => !included.has(token));',
    'const added = all.filter(({ token }) => !included.has(token.slice(1)));',
  ),
  mutant(
    'a redelivery leaves the changes that a crash has left',
    { tests: 'tests/stores/counts', named: 'redelivery applies the rest' },
    'projector/src/apply.ts',
    'if (doc === before?.doc && !before?.hasPendingCounts) return [];',
    'if (doc === before?.doc) return [];',
  ),
  mutant(
    'a write replaces a document with its pending changes',
    { tests: 'tests/stores/counts', named: 'no other write replaces the document' },
    'packages/document-store/src/mongo-stored.ts',
    'revision: _pending ? -_revision : _revision,',
    'revision: _revision,',
  ),
  mutant(
    'a write that lost changes its count',
    { tests: 'tests/stores/counts', named: 'workers apply the same event at once' },
    'packages/document-store/src/postgres-counts.ts',
    '         join won on won.id = change.document',
    '         left join won on won.id = change.document',
  ),
  mutant(
    'two recounts both add the error that they find',
    { tests: 'tests/stores/counts', named: 'two recounts that meet a write' },
    'packages/document-store/src/postgres.ts',
    '} counts of ',
    `} counts at \${performance.now()} of `,
  ),
  mutant(
    'a recount corrects a count that changes meanwhile',
    { tests: 'tests/stores/counts', named: 'a recount leaves the rest to be applied' },
    'packages/document-store/src/mongo-recount.ts',
    'if (changing.has(id) || found?._revision !== after.get(id)) open.push(id);\n    else if',
    'if',
  ),
  mutant(
    'a recount includes what is still to be added',
    { tests: 'tests/stores/counts', named: 'a recount leaves the rest to be applied' },
    'packages/document-store/src/mongo-recount.ts',
    '[setField]: value, $nor: [wasOutside] }',
    '[setField]: value, $nor: [wasInside] }',
  ),
  mutant(
    'a document that leaves a set is still counted in it',
    { tests: 'tests/stores/counts', named: 'from one set to another' },
    'projector/src/count-changes.ts',
    'was?.isMember ?',
    'was?.isMember === false ?',
  ),
  mutant(
    'the counts of an earlier version are never counted again',
    { tests: 'tests/projector/recount', named: 'a crash of the version before' },
    'projector/src/recount.ts',
    'if (found?.isLast || (found && Date.now() < Date.parse(found.at) + settleMs)) return;',
    'if (found) return;',
  ),
  mutant(
    'repair leaves the count of a set whose document was wrong',
    { tests: 'tests/recovery/repair', named: 'mends the count of a set' },
    'projector/src/verify/compare-documents.ts',
    'const misled = await countsOf(comparison, documents);',
    'const misled = (await countsOf(comparison, documents)).slice(0, 0);',
  ),
  mutant(
    'a recount on MongoDB skips the last set of each range',
    { tests: 'tests/stores/mongo-recount', named: 'goes through the sets in ranges' },
    'packages/document-store/src/mongo-recount.ts',
    '{ $lte: upTo }',
    '{ $lt: upTo }',
  ),
  mutant(
    'a recount on MongoDB reads the counts of all sets without documents at once',
    { tests: 'tests/stores/mongo-recount', named: 'goes through the sets in ranges' },
    'packages/document-store/src/mongo-recount.ts',
    '.sort(inStoredOrder)[0]',
    '.sort(inStoredOrder).at(-1)',
  ),
];
