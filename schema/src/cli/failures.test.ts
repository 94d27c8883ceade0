import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { captureOutput } from '../../../tests/support/captured-output.ts';
import { noFindings } from '../check/check.ts';
import { outcomes } from '../model/outcome.ts';
import { commands } from './commands.ts';
import { runSchema } from './run.ts';

let server: Server;
let answer: RequestListener;
let url: string;
/** Address at which nothing listens any more. */
let nowhere: string;

const listen = async (one: Server): Promise<string> => {
  await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(one.address() as AddressInfo).port}`;
};

beforeAll(async () => {
  server = createServer((request, response) => answer(request, response));
  url = await listen(server);
  const closed = createServer();
  nowhere = await listen(closed);
  await new Promise((resolve) => closed.close(resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** Arguments with which each command that uses a registry asks it. */
const asking: Readonly<Record<string, readonly string[]>> = {
  publish: ['--remove', 'books', '--promote', '--wait', '1'],
  promote: ['7', '--wait', '1'],
  rollback: ['--reason', 'x', '--wait', '1'],
  launches: [],
  history: [],
  diff: ['1', '2'],
  approve: ['--kind', 'A', '--coordinate', 'B', '--message', 'C', '--reason', 'x'],
  usage: [],
  operations: ['list'],
  check: ['--remove', 'books'],
};

const run = (name: string, ...more: string[]) =>
  captureOutput(() => runSchema([name, ...(asking[name] ?? []), ...more]), {
    REGISTRY_URL: url,
    REGISTRY_TOKEN: 'rkr_x',
    GITHUB_ACTOR: 'ada',
  });

const codes: readonly number[] = Object.values(outcomes).map(({ exitCode }) => exitCode);

describe('a command', () => {
  test('that uses a registry is among those whose failures are tested', async () => {
    const known = commands.map(({ name }) => name);
    const helps = await Promise.all(
      known.map(async (name) => [name, await captureOutput(() => runSchema([name, '--help']))] as const),
    );
    expect(
      helps
        .filter(([, { stdout }]) => stdout.includes('--registry'))
        .map(([name]) => name)
        .sort(),
    ).toEqual(Object.keys(asking).sort());
  });

  test('never ends with 0 if the registry does not answer as it should, and says so in JSON', async () => {
    const status = fc.oneof(
      fc.constantFrom(400, 401, 403, 404, 409, 413, 429, 500, 502, 503),
      fc.integer({ min: 200, max: 599 }),
    );
    const error = fc.record({
      error: fc.record({ code: fc.string(), message: fc.string({ minLength: 1 }) }),
    });
    const body = fc.oneof(
      fc.json(),
      fc.string(),
      error.map((value) => JSON.stringify(value)),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.keys(asking)), status, body, async (name, code, text) => {
        answer = (_request, response) => response.writeHead(code).end(text);
        const { status: exitCode, stdout, stderr } = await run(name, '--json');
        expect(exitCode).toBeGreaterThan(0);
        expect(codes).toContain(exitCode);
        expect(JSON.parse(stdout)).toMatchObject({ ok: false, exitCode });
        expect(stderr).toMatch(new RegExp(`^schema ${name}: .`));
        expect(stderr).not.toMatch(/\n {4}at /);
      }),
      { numRuns: 200 },
    );
  });

  test.each(Object.keys(asking))('%s ends with one line if the registry is down', async (name) => {
    const down = await run(name, '--registry', nowhere);
    expect(down).toMatchObject({ status: 3, stdout: '' });
    expect(down.stderr).toBe(
      `schema ${name}: the registry at ${nowhere} is unavailable (ECONNREFUSED): check REGISTRY_URL, or try again later\n`,
    );
  });

  const withUsage = (args: readonly string[], environment = {}) =>
    captureOutput(() => runSchema(args), {
      REGISTRY_URL: undefined,
      REGISTRY_TOKEN: 'rkr_x',
      ...environment,
    });

  test.each([['check', '--base', 'HEAD'], ['unused'], ['deprecated']])(
    '%s with the usage of a registry that is down ends with one line',
    async (name, ...args) => {
      const down = await withUsage([name, ...args, '--usage', `${nowhere}/v1/environments/production`]);
      expect(down).toMatchObject({ status: 3, stdout: '' });
      expect(down.stderr).toMatch(
        new RegExp(`^schema ${name}: the registry at \\S+ is unavailable \\(ECONNREFUSED\\): .*\n$`),
      );
    },
  );

  test('that reads usage of a registry sends the token of the file that REGISTRY_TOKEN names', async () => {
    let sent: string | undefined;
    answer = ({ headers }, response) => {
      sent = headers.authorization;
      response.writeHead(403).end();
    };
    const dir = mkdtempSync(join(tmpdir(), 'rookery-token-'));
    try {
      writeFileSync(join(dir, 'token'), 'rkr_filed\n');
      const refused = await withUsage(['unused', '--usage', `${url}/v1/environments/production`], {
        REGISTRY_TOKEN: `file://${join(dir, 'token')}`,
      });
      expect({ sent, status: refused.status }).toEqual({ sent: 'Bearer rkr_filed', status: 2 });
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });

  test('ends in bounded time with one line if the registry is silent', async () => {
    answer = () => {};
    const silent = await run('history', '--timeout', '1');
    expect(silent).toMatchObject({ status: 3, stdout: '' });
    expect(silent.stderr).toMatch(
      /^schema history: the registry at \S+ is unavailable \(no answer within 1 s\): .*\n$/,
    );
  });

  test.each([
    ['passed although a change is refused', true, [{ decision: 'refused' }], 1],
    ['failed without a reason', false, [], 3],
    ['passed', true, [{ decision: 'unused' }], 0],
  ])('decides by itself on a check that the registry says %s', async (_what, ok, decisions, exitCode) => {
    const change = { kind: 'FIELD_REMOVED', criticality: 'breaking', coordinate: 'A.b', message: 'Gone.' };
    const report = {
      ...noFindings,
      version: 1,
      ok,
      failures: [],
      changes: decisions.map((decision) => ({ ...change, ...decision, position: null })),
    };
    answer = (_request, response) =>
      response.end(JSON.stringify({ number: 3, base: 1, commit: null, report }));
    const { status, stdout } = await run('check', '--json');
    expect(status).toBe(exitCode);
    expect(JSON.parse(stdout)).toMatchObject({ ok: exitCode === 0, exitCode, check: 3 });
  });

  test.each(commands.map(({ name }) => name))('%s ends with 2 if its arguments are wrong', async (name) => {
    for (const args of [['--nonsense'], ['--format', 'nonsense'], ['a', 'b', 'c', 'd']])
      expect((await captureOutput(() => runSchema([name, ...args]))).status).toBe(2);
    const { status, stdout } = await captureOutput(() => runSchema([name, '--help']));
    expect(status).toBe(0);
    expect(stdout).toContain('Exit codes: 0 passed;');
    expect(stdout).toContain('--format FORMAT');
  });
});
