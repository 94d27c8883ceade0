import { type Mutant, mutant } from './define.ts';

const table = 'subgraphs/mutation/src/accounts/handle-table.ts';
const model = 'packages/read-models/src/projections/profiles.ts';
const change = 'tests/mutation/change-handle';
const byModel = {
  tests: 'packages/read-models/src/projections/projections.test',
  named: 'have the newest handle',
};

/** Mistakes in who has which handle. */
export const handleMutants: readonly Mutant[] = [
  mutant(
    'a handle that was given up can be taken at once',
    { tests: change, named: 'is reserved for its owner' },
    table,
    'and account is distinct from $2::uuid and reserved_until > now()',
    'and account is distinct from $2::uuid and reserved_until < now()',
  ),
  mutant(
    'nobody can take their own handle back',
    { tests: change, named: 'is reserved for its owner' },
    table,
    'and account is distinct from $2::uuid and reserved_until > now()',
    'and reserved_until > now()',
  ),
  mutant(
    'an account reserves any number of handles',
    { tests: change, named: 'is one of at most three' },
    table,
    'if (first && rows.length === maxReserved)',
    'if (first && rows.length > maxReserved)',
  ),
  mutant(
    'a change of the handle replaces one that is not published yet',
    { tests: change, named: 'killed between commit and publish' },
    table,
    '    if (found.pending) throw unavailable();\n',
    '',
  ),
  mutant(
    'a handle that others take at the same time is an unexpected error',
    { tests: change, named: 'exactly one of many at once' },
    table,
    'if (error instanceof UniqueViolationError) throw handleTaken();',
    '',
  ),
  mutant(
    'a handle of before comes back when it is applied later',
    byModel,
    model,
    '.sort((a, b) => (newer(a.version, b.version) ? -1 : 1))',
    '.reverse()',
  ),
  mutant(
    'a user has a handle before the sign-up is known',
    byModel,
    model,
    'handle: doc.handle === null ? null : (handles[0]?.handle ?? handle)',
    'handle: handles[0]?.handle ?? handle',
  ),
  mutant(
    'a mention loses its place in the text when its user takes another handle',
    { tests: 'tests/attacks/handles', named: 'follows a mention' },
    'subgraphs/query/src/reads/mentions.ts',
    ', ...(user?.handles ?? []).map(({ handle }) => handle)',
    '',
  ),
];
