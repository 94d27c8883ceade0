import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommandLine, UsageError, wholeNumber } from '@rookery/command-line';
import { composeSupergraph } from '@rookery/schema/compose';
import { findRedis, installPackages, startRedis } from '@rookery/stack';
import { contenders, cores, type Running, start } from './gateway/contenders.ts';
import { firstVersionSdls, sdls } from './gateway/data.ts';
import { startIssuer } from './gateway/issuer.ts';
import { load, type Run } from './gateway/load.ts';
import { startSubgraphs } from './gateway/subgraphs.ts';
import { startTraceSink } from './gateway/trace-sink.ts';

const usage = `npm run bench:gateway -- [--only NAME]… [--rounds N] [--requests N] [--json] [--profile DIR]

Measures Rookery's gateway, with all its checks on, against others, on the same subgraphs and the same feed page:
turn by turn in one run, each on a core of its own, with the load and the subgraphs on another. CPU time per request
is the figure to trust: the others depend on what else the machine does.
  --only NAME    ${contenders.map(({ name }) => name).join(', ')} (may be repeated)
  --rounds N     turns of each, of which the median is told (5)
  --requests N   of one turn (3000): as many for each, so that a busy machine does not leave one of them less warm
  --profile DIR  writes Rookery's CPU profile there
  --json         one JSON object on standard output`;

const options = {
  only: { type: 'string', multiple: true },
  rounds: { type: 'string', default: '5' },
  requests: { type: 'string', default: '3000' },
  profile: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

const users = 100;
const inFlight = 16;
/** Number of requests before the first measurement, so that compiled code is measured. */
const warmUp = 4_000;
const say = (line: string): void => console.error(`  … ${line}`);

const median = (runs: readonly Run[]): Run => {
  const middle = runs.toSorted((a, b) => a.cpu - b.cpu)[Math.floor(runs.length / 2)];
  if (!middle) throw new Error('nothing was measured');
  return middle;
};

const table = (title: string, results: ReadonlyMap<string, Run>): string => {
  const own = results.get('rookery')?.cpu ?? Number.NaN;
  const lines = [...results].map(([name, { cpu, perSecond, p50, p99 }]) =>
    [
      name.padEnd(12),
      cpu.toFixed(0).padStart(12),
      (cpu / own).toFixed(2).padStart(10),
      perSecond.toFixed(0).padStart(12),
      p50.toFixed(1).padStart(9),
      p99.toFixed(1).padStart(9),
    ].join(''),
  );
  return [title, '             CPU µs/req   × Rookery  requests/s   p50 ms   p99 ms', ...lines].join('\n');
};

interface Chosen {
  readonly only: readonly string[] | undefined;
  readonly rounds: number;
  readonly requests: number;
  readonly profile: string | undefined;
  readonly json: boolean;
}

const main = async (values: Chosen): Promise<void> => {
  const chosen = contenders.filter(({ name }) => values.only?.includes(name) ?? true);
  if (chosen.length === 0) throw new UsageError(`unknown gateway ${values.only?.join(', ')}`);
  for (const { packages } of chosen) if (packages !== undefined) await installPackages(packages, say);
  if (cores)
    execFileSync('taskset', ['-a', '-c', '-p', cores.others, String(process.pid)], { stdio: 'ignore' });
  else say('taskset is not here: the gateways share their core with the load');

  await using resources = new AsyncDisposableStack();
  const dir = mkdtempSync(join(tmpdir(), 'rookery-bench-'));
  resources.defer(() => rmSync(dir, { recursive: true, force: true }));
  const issuer = await startIssuer(users, resources);
  const env = await startSurroundings(dir, issuer, resources);
  const running = await startAll(chosen, env, issuer, { dir, profile: values.profile }, resources);
  const results = new Map<string, ReadonlyMap<string, Run>>();
  for (const same of [false, true]) {
    const title = same ? 'the same request each time' : 'another cursor and user in each request';
    say(title);
    const found = await measure(running, issuer, values, same);
    results.set(title, found);
    if (!values.json) console.log(`${table(title, found)}\n`);
  }
  if (values.json) {
    const all = [...results].map(([title, found]) => [title, Object.fromEntries(found)]);
    console.log(JSON.stringify(Object.fromEntries(all)));
  }
};

type Issuer = Awaited<ReturnType<typeof startIssuer>>;

/** Environments of the gateways: Rookery's own, and that of the others. */
interface Environments {
  readonly own: Readonly<Record<string, string>>;
  readonly common: Readonly<Record<string, string>>;
}

/** Starts what the gateways need: subgraphs, Redis and a receiver of traces. */
const startSurroundings = async (
  dir: string,
  issuer: Issuer,
  resources: AsyncDisposableStack,
): Promise<Environments> => {
  const subgraphs = await startSubgraphs(resources);
  const supergraph = join(dir, 'supergraph.graphql');
  writeFileSync(
    supergraph,
    Object.entries(subgraphs).reduce(
      (sdl, [name, url]) => sdl.replace(`http://${name}.invalid/graphql`, url),
      composeSupergraph(sdls),
    ),
  );
  const common = {
    SUPERGRAPH: supergraph,
    SUBGRAPHS: JSON.stringify(subgraphs),
    SUBGRAPH_SCHEMAS: JSON.stringify(firstVersionSdls),
  };
  const redis = await startRedis({ binary: await findRedis(say), dir: join(dir, 'redis'), persist: false });
  resources.defer(() => redis.stop());
  const own = {
    ...common,
    REDIS_URL: redis.url,
    // The hundred users of the benchmark send more requests than people do. Every request is still counted.
    RATE_LIMIT_USER: '1000000000',
    RATE_LIMIT_ADDRESS: '1000000000',
    INTERNAL_KEY_FILE: join(dir, 'internal-key.pem'),
    JWKS_URL: issuer.jwksUrl,
    TOKEN_ISSUER: 'bench',
    TOKEN_AUDIENCE: 'bench',
    OTEL_EXPORTER_OTLP_ENDPOINT: await startTraceSink(resources),
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.01',
  };
  return { own, common };
};

const startAll = async (
  chosen: readonly (typeof contenders)[number][],
  { own, common }: Environments,
  { tokens: [token = ''] }: Issuer,
  { dir, profile }: { readonly dir: string; readonly profile: string | undefined },
  resources: AsyncDisposableStack,
): Promise<readonly Running[]> => {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const running: Running[] = [];
  for (const contender of chosen) {
    const isOwn = contender.packages === undefined;
    const flags = isOwn && profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [];
    const gateway = await start(contender, isOwn ? own : common, dir, headers, flags);
    running.push(gateway);
    resources.defer(async () => {
      await gateway.child.stop();
    });
  }
  return running;
};

/** Measures the gateways turn by turn. Returns the median run of each. */
const measure = async (
  running: readonly Running[],
  { tokens }: Issuer,
  { requests, rounds }: Chosen,
  same: boolean,
): Promise<ReadonlyMap<string, Run>> => {
  const traffic = { tokens, inFlight, count: requests, same };
  const runs = new Map<string, Run[]>(running.map(({ name }) => [name, []]));
  for (const gateway of running) await load(gateway, { ...traffic, count: warmUp });
  for (let round = 0; round < rounds; round++)
    for (const gateway of running) runs.get(gateway.name)?.push(await load(gateway, traffic));
  return new Map([...runs].map(([name, all]) => [name, median(all)]));
};

try {
  process.exitCode = await runCommandLine({
    name: 'bench:gateway',
    usage,
    options,
    async run({ only, rounds, requests, profile, json }) {
      await main({
        only,
        rounds: wholeNumber('rounds', rounds, 1),
        requests: wholeNumber('requests', requests, 1),
        profile,
        json,
      });
      return 0;
    },
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
