import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloneDir, freePort } from '@rookery/stack';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { blocksOf, patternOf } from '../support/tour.ts';
import { type StackRun, shellEnv } from './run-stack.ts';
import { bootstrap, ready, type StartFolder, startFolder } from './start-folder.ts';

const page = 'docs/tutorial/first-subgraph.md';
const blocks = blocksOf(readFileSync(join(cloneDir, page), 'utf8'));

/** A workflow of GitHub, as far as it is used here. */
interface Workflow {
  readonly jobs: Readonly<Record<string, { readonly steps: readonly { readonly run?: string }[] }>>;
}

/** Jobs of a pipeline of GitLab, as far as they are used here. */
type Pipeline = Readonly<
  Record<'test' | '.schema' | 'check' | 'publish', Readonly<Record<'script' | 'before_script', string[]>>>
>;

/** One shell into which the blocks of the page are pasted, one after the other. */
class Shell implements AsyncDisposable {
  readonly #child: ChildProcess;
  #output = '';
  #errors = '';
  #wake = () => {};

  constructor(cwd: string, env: NodeJS.ProcessEnv) {
    this.#child = spawn('bash', ['--noprofile', '--norc'], { cwd, env, stdio: 'pipe', detached: true });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
      this.#wake();
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
    this.#child.once('exit', () => this.#wake());
  }

  /** Returns the output of a block, and its complaints on standard error. */
  async paste(block: string): Promise<{ readonly output: string; readonly errors: string }> {
    const mark = `--- end of step ---\n`;
    this.#output = '';
    this.#errors = '';
    this.#child.stdin?.write(`${block}\necho '${mark.trim()}'\n`);
    while (!this.#output.endsWith(mark)) {
      if (this.#child.exitCode !== null) throw new Error(`the shell has ended: ${this.#errors}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return { output: this.#output.slice(0, -mark.length).trimEnd(), errors: this.#errors };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.stdin?.end();
    await once(this.#child, 'exit');
  }
}

/** The subgraph's process group, as another terminal runs it. */
class Server implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  output = '';

  constructor(command: string, cwd: string, env: NodeJS.ProcessEnv) {
    this.#child = spawn('bash', ['-c', command], { cwd, env, stdio: 'pipe', detached: true });
    this.#child.stdout?.on('data', (data: Buffer) => {
      this.output += data;
    });
    this.#child.stderr?.on('data', (data: Buffer) => {
      this.output += data;
    });
    this.#closed = once(this.#child, 'close');
  }

  /** Ctrl-C reaches every process of the group. */
  async interrupt(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.pid !== undefined)
      process.kill(-this.#child.pid, 'SIGINT');
    await this.#closed;
  }

  [Symbol.asyncDispose]() {
    return this.interrupt();
  }
}

/** Applies a block of changes as an editor would. */
const edit = async (cwd: string, diff: string): Promise<string> => {
  const child = spawn('git', ['apply', '--recount', '-C1', '-'], { cwd, stdio: 'pipe' });
  let errors = '';
  child.stderr.on('data', (data: Buffer) => {
    errors += data;
  });
  child.stdin.end(`${diff}\n`);
  await once(child, 'close');
  return errors;
};

let folder: StartFolder;
/** Folder of the shell, in which the subgraph is made. */
let home: string;
let system: StackRun;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  folder = await startFolder();
  home = mkdtempSync(join(tmpdir(), 'rookery-first-subgraph-'));
  system = folder.start([...bootstrap, 'start', '--', '--registry']);
  await ready(system);
  const [, registry] = await system.says(/Registry +(http\S+)\/registry/);
  const { GATEWAY_KEYS_URL } = JSON.parse(readFileSync(join(folder.dir, 'env.json'), 'utf8'));
  const notes = String(await freePort());
  env = {
    ...shellEnv(),
    CLONE: cloneDir,
    DATA_DIR: folder.dir,
    GATEWAY_KEYS_URL,
    PORT: notes,
    NOTES: `http://127.0.0.1:${notes}`,
    ROOKERY: folder.gatewayUrl,
    REGISTRY_URL: registry,
    NPM_CONFIG_UPDATE_NOTIFIER: 'false',
  };
});
afterAll(async () => {
  system?.kill('SIGTERM');
  await system?.ended();
  folder?.[Symbol.dispose]();
  rmSync(home, { recursive: true, force: true });
});

test("the tutorial of a team's first subgraph prints what the page says", { timeout: 900_000 }, async () => {
  await using shell = new Shell(home, env);
  const subgraph = join(home, 'notes');
  let server: Server | undefined;
  await using resources = new AsyncDisposableStack();
  resources.defer(() => server?.[Symbol.asyncDispose]());
  let steps = 0;
  for (const [i, { line, info, text }] of blocks.entries()) {
    const where = `${page}, line ${line}`;
    if (info === 'diff') expect(await edit(subgraph, text), where).toBe('');
    else if (info === 'bash server') {
      await server?.interrupt();
      server = new Server(text, subgraph, env);
    } else if (info === 'bash tour') {
      const { output, errors } = await shell.paste(text);
      const next = blocks[i + 1];
      const expected = next?.info === 'text' ? next.text : '';
      expect(output, `${where}\n${errors}\n${server?.output ?? ''}`).toMatch(patternOf(expected));
      steps++;
    }
  }
  expect(steps).toBeGreaterThan(10);

  // The steps of its CI, of a pull request and of the main branch; Rookery is checked out for the second job.
  const { jobs } = parse(readFileSync(join(subgraph, '.github/workflows/subgraph.yml'), 'utf8')) as Workflow;
  const ci = {
    SUBGRAPH_URL: `${env.NOTES}/graphql`,
    REGISTRY_TOKEN: `file://${env.DATA_DIR}/registry/token`,
  };
  await shell.paste(
    Object.entries(ci)
      .map(([name, value]) => `export ${name}='${value}'`)
      .join('\n'),
  );
  const commands = Object.entries(jobs).flatMap(([job, { steps: all }]) => [
    ...(job === 'schema' ? [`ln -s "$CLONE" rookery`] : []),
    ...all.flatMap(({ run }) => (run === undefined ? [] : [run])),
  ]);
  expect(commands.length).toBeGreaterThan(5);
  const succeed = async (command: string) => {
    const { output, errors } = await shell.paste(`{ ${command}; } > ci.log 2>&1 && echo done || cat ci.log`);
    expect(output, `${command}\n${errors}`).toBe('done');
  };
  for (const command of commands) await succeed(command);

  // The same in GitLab, whose second job clones Rookery by itself, and annotates a change that breaks clients.
  const pipeline = parse(readFileSync(join(cloneDir, 'docs/ci/gitlab-subgraph.yml'), 'utf8')) as Pipeline;
  await shell.paste('rm rookery; export ROOKERY_REPOSITORY=$CLONE\ngit() { ln -s "$CLONE" rookery; }');
  const scripts = [pipeline['.schema'].before_script, pipeline.check.script, pipeline.publish.script];
  expect(scripts.flat()[0]).toBe('git clone --quiet --depth 1 "$ROOKERY_REPOSITORY" rookery');
  for (const command of scripts.flat()) await succeed(command);
  expect(pipeline.test.script).toEqual(jobs.test?.steps.flatMap(({ run }) => run ?? []));
  expect(JSON.parse(readFileSync(join(subgraph, 'code-quality.json'), 'utf8'))).toEqual([]);
  await shell.paste(
    "sed -i.bak 's/noteAdded(postId: ID!, after: String)/noteAdded(postId: ID!)/' schema.graphql",
  );
  const [annotate = '', check = ''] = pipeline.check.script;
  await succeed(annotate);
  expect(JSON.parse(readFileSync(join(subgraph, 'code-quality.json'), 'utf8'))).toMatchObject([
    {
      description: expect.stringContaining("'after: String' was removed"),
      location: { path: 'schema.graphql' },
    },
  ]);
  expect((await shell.paste(`${check} > ci.log 2>&1; echo $?`)).output).toBe('1');
});
