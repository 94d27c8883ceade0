import { type Mutant, mutant } from './define.ts';

const decide = 'schema/src/check/decide.ts';

/** Mistakes in the schema check, each of which lets a change pass that breaks somebody. */
export const schemaMutants: readonly Mutant[] = [
  mutant(
    'the schema check lets usage excuse a permission that is removed',
    { tests: 'schema/src/check/decide', named: 'usage does not excuse a permission' },
    decide,
    "if (change.access === 'widened' || change.routing) return 'refused';",
    "if (change.routing) return 'refused';",
  ),
  mutant(
    'the schema check takes no usage data for no usage',
    { tests: 'schema/src/check/decide', named: 'thresholds, excluded clients' },
    decide,
    "return hasData || rules.usage.withoutData === 'pass' ? 'unused' : 'refused';",
    "return hasData || rules.usage.withoutData !== null ? 'unused' : 'refused';",
  ),
  mutant(
    'the schema check forgets trusted documents without traffic',
    { tests: 'schema/src/check/decide', named: 'a trusted document and an open subscription' },
    decide,
    'trusted || openSubscriptions > 0)) return true;',
    'trusted && openSubscriptions > 0)) return true;',
  ),
  mutant(
    'the schema check ignores operations that a safe change breaks',
    { tests: 'schema/src/check/decide', named: 'an operation that a safe change breaks' },
    'schema/src/check/compare.ts',
    'const refused = new Set(uncovered(traffic, decisions, rules));',
    'const refused = new Set(uncovered(traffic, decisions, rules).slice(0, 0));',
  ),
  mutant(
    'the schema check passes although a contract failed',
    { tests: 'schema/src/check/conclude-check', named: 'is 0 if and only if nothing fails' },
    'schema/src/check/conclude-check.ts',
    'return part.compositionErrors.length + changes + operations > 0;',
    'return part.compositionErrors.length > 0;',
  ),
  mutant(
    'publish passes although the version does not compose',
    { tests: 'tests/registry/commands', named: 'of what does not compose is recorded' },
    'schema/src/cli/commands/publish.ts',
    '    if (!version.composes)\n      return {',
    '    if (version.composes === undefined)\n      return {',
  ),
  mutant(
    'a launch that a gateway refuses passes',
    { tests: 'tests/registry/commands', named: 'fail if one refuses' },
    'schema/src/registry-client/launches.ts',
    "state.answers.filter(({ outcome }) => outcome === 'refused')",
    'state.answers.filter(() => false)',
  ),
  mutant(
    'a command takes any answer for that of a registry',
    { tests: 'schema/src/cli/failures', named: 'never ends with 0' },
    'schema/src/registry-client/client.ts',
    'const parsed = answer.safeParse(json);',
    'const parsed = { ...answer.safeParse(json), success: true, data: json as T };',
  ),
  mutant(
    'the check passes although a lint rule objects',
    { tests: 'schema/src/check/conclude-check', named: 'is 0 if and only if nothing fails' },
    'schema/src/check/conclude-check.ts',
    "lint.filter(({ severity }) => severity === 'error').length",
    'lint.slice(0, 0).length',
  ),
  mutant(
    'the check objects to names that were there before',
    { tests: 'schema/src/lint/lint-changes', named: 'only what a change adds' },
    'schema/src/lint/lint-changes.ts',
    'found.filter((finding) => !known.has(keyOf(finding)))',
    'found',
  ),
  mutant(
    'a check believes a registry that says it passed',
    { tests: 'schema/src/cli/failures', named: 'decides by itself on a check' },
    'schema/src/check/conclude-check.ts',
    'conclude([...own, ...others.filter(isNew)])',
    'conclude(others.filter(isNew))',
  ),
  mutant(
    'a command waits for a silent registry without end',
    { tests: 'schema/src/cli/failures', named: 'in bounded time' },
    'schema/src/registry-client/client.ts',
    '        signal: AbortSignal.timeout(timeoutMs),\n',
    '',
  ),
];
