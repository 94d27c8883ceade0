import { type Mutant, mutant } from './define.ts';

/** Mistakes in how commands are accepted, once each. */
export const commandMutants: readonly Mutant[] = [
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
    'outboxes are not swept',
    { tests: 'tests/mutation/sign-up', named: 'killed between commit and publish' },
    'subgraphs/mutation/src/accounts/outbox.ts',
    'for (const event of left) {',
    'for (const event of left.slice(left.length)) {',
  ),
  mutant(
    'a key may come again with another input',
    { tests: 'tests/mutation/idempotency', named: 'the same key for another verb is a conflict' },
    'subgraphs/mutation/src/execute.ts',
    '  if (event.inputhash === hash) return event;',
    '  if (event.inputhash?.length === hash.length) return event;',
  ),
];
