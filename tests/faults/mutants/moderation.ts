import { type Mutant, mutant } from './define.ts';

const rules = 'packages/read-models/src/visibility.ts';
const byTable = { tests: 'packages/read-models/src/visibility-table', named: 'is shown unless' };

/** Mistakes in what moderators hide. */
export const moderationMutants: readonly Mutant[] = [
  mutant(
    'a suspended account is shown',
    byTable,
    rules,
    'user.joinedAt !== null && !isSuspended(user);',
    'user.joinedAt !== null;',
  ),
  mutant(
    'a post that a moderator hides is shown to everybody',
    byTable,
    rules,
    '(post.deleted || (post.moderated === true && post.author !== viewer));',
    'post.deleted;',
  ),
  mutant(
    'a post that a moderator hides is hidden from its author, too',
    { tests: 'packages/read-models/src/audience-table', named: 'is shown unless' },
    rules,
    '(post.moderated === true && post.author !== viewer)',
    'post.moderated === true',
  ),
  mutant(
    'posts that a moderator hides count',
    { tests: 'tests/attacks/moderation', named: 'is deleted for everybody but its author' },
    'packages/read-models/src/projections/posts.ts',
    'hidden: null, moderated: null }',
    'hidden: null }',
  ),
  mutant(
    'the moderator whose command comes last decides about sessions',
    { tests: 'tests/mutation/refresh-tokens', named: 'newest decision of moderators' },
    'subgraphs/mutation/src/accounts/sessions.ts',
    " and coalesce(suspension, '') <= $2",
    '',
  ),
  mutant(
    'an older act of a moderator overrules a newer one',
    {
      tests: 'packages/read-models/src/projections/merge-laws',
      named: 'the same documents from the same events',
    },
    'packages/read-models/src/projections/profiles.ts',
    'if (!newer(version, doc.suspensionVersion ?? null)) return doc;',
    '',
  ),
  mutant(
    'a suspension leaves the sessions of the account',
    { tests: 'tests/attacks/moderation', named: 'is absent with everything' },
    'subgraphs/mutation/src/execute.ts',
    'if (!isRecorded) await command.before?.(event, sessions);',
    '',
  ),
  mutant(
    'a command about a post that a moderator hides is accepted',
    { tests: 'tests/attacks/moderation', named: 'is deleted for everybody but its author' },
    'subgraphs/mutation/src/hidden.ts',
    'isHidden(facts) || isGone(facts)',
    'isHidden(facts)',
  ),
  mutant(
    'a live feed does not hear of a suspension',
    { tests: 'tests/attacks/moderation', named: 'is absent with everything' },
    'packages/read-models/src/projections/moderations.ts',
    "verb.endsWith('SUSPEND') ? ['moderation:accounts'] : []",
    '[]',
  ),
  mutant(
    'a report repeated is one report more',
    { tests: 'tests/attacks/reports', named: 'reaches moderators once' },
    'packages/read-models/src/projections/newest-of-actors.ts',
    '...entries.filter((each) => each !== known), entry]',
    '...entries, entry]',
  ),
  mutant(
    'an answer leaves the reports open',
    { tests: 'tests/attacks/reports', named: 'reaches moderators once' },
    'packages/read-models/src/projections/reports.ts',
    'const open = newer(newest.version, doc.resolution?.version ?? null);',
    'const open = true;',
  ),
  mutant(
    'the outcome of a report names the moderator',
    { tests: 'tests/attacks/reports', named: 'reaches moderators once' },
    'packages/read-models/src/projections/notifications.ts',
    "'REPORT_RESOLVED', { actor: id, position",
    "'REPORT_RESOLVED', { actor, position",
  ),
  mutant(
    'the reports of everybody are those of the viewer',
    { tests: 'tests/attacks/reports', named: 'reaches moderators once' },
    'subgraphs/query/src/reads/reports.ts',
    '{ actor: viewer }, orderBy',
    '{}, orderBy',
  ),
];
