import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { createScratchSchema } from '../../../tests/support/scratch-schema.ts';

const scratch = createScratchSchema();
const { base, run, change, accept } = scratch;

beforeEach(scratch.reset);
afterAll(() => scratch[Symbol.dispose]());

// Each composes the whole schema twice or more. The short tier has one case of each outcome.
describe('schema:check', () => {
  const nullable = {
    path: 'User.name',
    message: "Field 'User.name' changed type from 'String!' to 'String'",
    reason: 'Accounts may be nameless.',
  };

  test('what only adds passes', async () => {
    change('query', '  bio: String\n', '  bio: String\n  nick: String\n');
    expect((await run('generate')).status).toBe(0);
    const { status, stdout } = await run('check', '--base', base, '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      drift: [],
      changes: [{ criticality: 'safe', coordinate: 'User.nick', decision: 'allowed' }],
    });
    expect(status).toBe(0);
  });

  test('a change that is accepted covers no other change, not even of the same field', async () => {
    change('query', '  name: String!\n', '  name: Int!\n');
    change('query', '  bio: String\n', '');
    expect((await run('generate')).status).toBe(0);
    accept([nullable]);
    const { status, stdout } = await run('check', '--base', base);
    expect(stdout).toContain('breaking (2)');
    expect(stdout).toMatch(/no change from this base \(1\).*\n {2}Field 'User.name'/);
    expect(status).toBe(1);
  });

  test('an accepted change is reported once the base has it, and does not fail the check', async () => {
    accept([nullable]);
    const { status, stdout } = await run('check', '--base', base);
    expect(stdout).toMatch(/no change from this base \(1\).*remove these entries.*\n {2}Field 'User.name'/);
    expect(status).toBe(0);
  });

  test('a permission or a limit that is added or changed fails as well', async () => {
    change('query', 'post(id: ID!): Post\n', 'post(id: ID!): Post @authenticated\n');
    change('mutation', '@rateLimit(limit: 10, window: 60, key: "input.handle")', '');
    change('mutation', '@cost(weight: 20)', '@cost(weight: 30)');
    expect((await run('generate')).status).toBe(0);
    const { status, stdout } = await run('check', '--base', base, '--json');
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      changes: [
        { criticality: 'breaking', security: true, coordinate: 'Mutation.changePassword' },
        { criticality: 'breaking', security: true, coordinate: 'Query.post' },
        { criticality: 'dangerous', security: true, coordinate: 'Mutation.logIn' },
      ],
    });
  });
});
