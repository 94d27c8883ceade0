import { type Mutant, mutant } from './define.ts';

/** Mistakes in what read models keep, and in rebuilding and verifying them. */
export const rebuildMutants: readonly Mutant[] = [
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
    'a roll-back ends an unfinished rebuild of the same projection',
    { tests: 'tests/recovery/rebuild', named: 'neither ended by a roll-back' },
    'projector/src/rebuild/job.ts',
    'rollsBack === task.rollsBack && ',
    "rollsBack !== undefined && task.projections.join() !== '' && ",
  ),
  mutant(
    'a rebuild that was killed at its beginning cannot be dropped',
    { tests: 'tests/recovery/rebuild', named: 'neither ended by a roll-back' },
    'packages/document-store/src/live.ts',
    "            await engine.prepare(namespace, ['counts']);\n",
    '',
  ),
  mutant(
    'to prepare documents waits for all writes',
    { tests: 'tests/stores/documents', named: 'waits for no write' },
    'packages/document-store/src/postgres-tables.ts',
    'is null then\n      create index "',
    'is not null or true then\n      create index if not exists "',
  ),
];
