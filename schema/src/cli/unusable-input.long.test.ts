import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { createScratchSchema } from '../../../tests/support/scratch-schema.ts';

const scratch = createScratchSchema();
const { base, run, write, remove, change } = scratch;

beforeEach(scratch.reset);
afterAll(() => scratch[Symbol.dispose]());

const bom = '\u{feff}';
const search = 'type Query { search(text: String!): [String!] }\n';

describe('an input that cannot be used', () => {
  test.each<[what: string, spoil: () => void, line: RegExp]>([
    [
      'a syntax error',
      () => change('query', 'type Query {', 'type Query {{'),
      /^schema\/graphql\/query\.graphql:\d+:13 \[query\] Syntax Error: Expected Name, found "\{"\.$/,
    ],
    [
      'an unfinished string',
      () => write('schema/graphql/search.graphql', 'type Query { a: Int @deprecated(reason: "x\n) }\n'),
      /^schema\/graphql\/search\.graphql:1:43 \[search\] Syntax Error: Unterminated string\.$/,
    ],
    [
      'an empty SDL file',
      () => write('schema/graphql/search.graphql', `${bom}\r\n`),
      /^schema\/graphql\/search\.graphql:\d+:\d+ \[search\] The file is empty\.$/,
    ],
    [
      'an SDL file with another ending',
      () => write('schema/graphql/search.gql', search),
      /^schema\/graphql\/search\.gql is not composed\. Call it <subgraph>\.graphql/,
    ],
    [
      'an SDL file whose name is no name of a subgraph',
      () => write('schema/graphql/My Search.graphql', search),
      /^schema\/graphql\/My Search\.graphql is not composed\./,
    ],
    [
      'a missing SDL file',
      () => remove('schema/graphql/query.graphql'),
      /^schema\/graphql\/query\.graphql is missing$/,
    ],
  ])('%s is one line and exit code 2', async (_what, spoil, line) => {
    spoil();
    for (const script of ['check', 'generate'] as const) {
      const { status, stdout, stderr } = await run(script, '--json');
      const { ok, failures } = JSON.parse(stdout);
      const error = failures[0].message;
      expect(error).toMatch(line);
      expect({ status, ok, stderr }).toEqual({
        status: 2,
        ok: false,
        stderr: `schema ${script}: ${error}\n`,
      });
    }
  });

  test.each([
    [['--nonsense'], "Unknown option '--nonsense'"],
    [['--json=yes'], "Option '--json' does not take an argument"],
    [['extra'], "Unexpected argument 'extra'"],
  ])('the arguments %j are one line and exit code 2', async (args, words) => {
    for (const script of ['check', 'generate'] as const) {
      const { status, stdout, stderr } = await run(script, ...args);
      expect(stderr).toMatch(new RegExp(`^schema ${script}: [^\\n]+--help[^\\n]+\\n$`));
      expect(stderr).toContain(words);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    }
  });

  test('--help tells the exit codes', async () => {
    for (const script of ['check', 'generate'] as const) {
      const { status, stdout, stderr } = await run(script, '--help');
      expect(stdout).toContain('Exit codes: 0');
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    }
  });

  test('in the base is not a failure of this change', async () => {
    write('schema/graphql/search.graphql', 'type {');
    const broken = scratch.commit();
    remove('schema/graphql/search.graphql');
    const { status, stdout } = await run('check', '--base', broken);
    expect(stdout).toContain(`base ${broken}: its schema does not compose; not compared`);
    expect(status).toBe(0);
  });
});

describe('a further SDL file in schema/graphql', () => {
  test('is composed', async () => {
    write('schema/graphql/search.graphql', search);
    const drift = await run('check', '--base', base);
    expect(drift.stdout).toContain('out of step with the SDL: schema/supergraph.graphql');
    expect(drift.status).toBe(1);
    expect((await run('generate')).stdout).toBe(
      'written: schema/supergraph.graphql\nwritten: schema/contract.graphql\nwritten: docs/reference/graphql.md\n',
    );
    const { status, stdout } = await run('check', '--base', base);
    expect(stdout).toContain("Field 'search' was added to object type 'Query'");
    expect(stdout).toContain("Subgraph 'search' was added.");
    expect(status).toBe(0);
  });

  test('is composed with a byte order mark and CRLF, as without', async () => {
    write('schema/graphql/search.graphql', search);
    expect((await run('generate')).status).toBe(0);
    write('schema/graphql/search.graphql', bom + search.replaceAll('\n', '\r\n'));
    expect((await run('generate', '--check')).stdout).toBe(
      'generated files are in step with their sources\n',
    );
  });

  test('that does not compose is reported with its place', async () => {
    write('schema/graphql/search.graphql', `${search}type Twice { a: Int }\ntype Twice { a: Int }\n`);
    const { status, stdout } = await run('check');
    expect(stdout).toMatch(/^schema\/graphql\/search\.graphql:2:6 \[search\] INVALID_GRAPHQL: .*Twice/m);
    expect(stdout).toContain('\n  see schema/graphql/search.graphql:3:6 [search]\n');
    expect(status).toBe(1);
  });
});
