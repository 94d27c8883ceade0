import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Child, cloneDir, freePort, nodeFlags, onPath, spawnChild, whenReady } from '@rookery/stack';
import { feedPage, type Page } from './data.ts';
import { buildHiveRouter } from './hive-router.ts';

/** A gateway to measure. */
export interface Contender {
  readonly name: string;
  /** Its program for Node, or a function that builds a program of its own. It receives PORT and the supergraph. */
  readonly entry: string | ((say: (line: string) => void) => Promise<string>);
  readonly env?: Readonly<Record<string, string>>;
  /** The program of Node; by default the one that runs the benchmark. */
  readonly node?: string;
  /** Options of Node in production. */
  readonly flags?: readonly string[];
  /** Folder of the packages that it needs. */
  readonly packages?: string;
  /** True if it is measured only if it is named. */
  readonly onlyNamed?: boolean;
  /** True for a gateway of others. */
  readonly isPeer?: boolean;
}

/** Returns the folder of a contender with packages of its own. */
export const peerPackages = (name: string): string => join(cloneDir, 'bench/peers', name);

const rookery = { entry: join(cloneDir, 'bench/src/gateway/rookery.ts'), flags: nodeFlags('gateway') };

export const contenders: readonly Contender[] = [
  { ...rookery, name: 'rookery' },
  // One process, which reports each operation to the registry in every other turn. Two processes differ by more than reports cost.
  { ...rookery, name: 'reporting', env: { REPORTS_USAGE: 'yes' }, onlyNamed: true },
  {
    ...rookery,
    name: 'node-26',
    node: join(peerPackages('node-26'), `node_modules/node-${process.platform}-${process.arch}/bin/node`),
    packages: peerPackages('node-26'),
    onlyNamed: true,
  },
  { name: 'bare', entry: join(cloneDir, 'bench/src/gateway/bare.ts') },
  ...[
    { name: 'apollo', packages: 'apollo' },
    { name: 'mercurius', packages: 'mercurius' },
    { name: 'hive-rust', packages: 'hive', env: { PLANNER: 'rust' } },
    { name: 'hive', packages: 'hive' },
  ].map(({ packages, ...peer }) => ({
    ...peer,
    isPeer: true,
    packages: peerPackages(packages),
    entry: join(peerPackages(packages), 'gateway.mjs'),
  })),
  { name: 'hive-router', entry: buildHiveRouter, isPeer: true, onlyNamed: true },
];

/** Cores of the gateway and of everything else. Undefined if cores cannot be assigned. */
export const cores = onPath('taskset') === undefined ? undefined : { gateway: '0', others: '1' };

export interface Running {
  readonly name: string;
  readonly url: string;
  /** User and system time of the process and all its threads so far, in microseconds. */
  cpu(): number;
  /** Resident memory now, in MiB. */
  memory(): number;
  readonly child: Child;
  /** Called before each turn. */
  readonly prepare?: () => void;
}

/** Returns a gateway that can switch its reports off as two, one of which does not report. */
export const withAndWithoutReports = (gateway: Running): readonly Running[] => {
  let reports = true;
  const switched = (wanted: boolean) => () => {
    if (reports !== wanted) gateway.child.kill('SIGUSR2');
    reports = wanted;
  };
  return [
    { ...gateway, name: 'not-reporting', prepare: switched(false) },
    { ...gateway, prepare: switched(true) },
  ];
};

/** Clock ticks per second in /proc (proc(5)); 100 on every Linux that Node supports. */
const ticksPerSecond = 100;

const ticksOf = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // Fields 14 and 15, counted after the name, which may contain any character.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1_000_000) / ticksPerSecond;
};

/** Returns the CPU time of all threads in microseconds, exact to the nanosecond if the kernel tells the time of each thread. */
const cpuOf = (pid: number): number => {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const times = threads.map(
      (id) => readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ')[0],
    );
    return times.reduce((sum, nanoseconds) => sum + Number(nanoseconds), 0) / 1_000;
  } catch {
    return ticksOf(pid);
  }
};

/** Returns what /proc says of the memory of a process, in MiB; NaN if there is no /proc. */
const memoryOf = (pid: number): number => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1_024;
};

const requestOf = ({ query, operationName }: Page) => ({ query, operationName });

interface StartOptions {
  /** Environment. */
  readonly common: Readonly<Record<string, string>>;
  readonly dir: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly nodeFlags?: readonly string[];
  readonly say: (line: string) => void;
}

/** Starts a contender on the core of the gateway and waits until it answers the query. */
export const start = async (
  { name, entry, env, node = process.execPath, flags = [] }: Contender,
  { common, dir, headers, nodeFlags = [], say }: StartOptions,
): Promise<Running> => {
  const port = await freePort();
  const logFile = join(dir, `${name}.log`);
  const program = typeof entry === 'string' ? [node, ...flags, ...nodeFlags, entry] : [await entry(say)];
  const [command = '', ...args] = cores ? ['taskset', '-c', cores.gateway, ...program] : program;
  const child = await spawnChild({
    name,
    command,
    args,
    cwd: nodeFlags.length > 0 || typeof entry !== 'string' ? dir : dirname(entry),
    logFile,
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: String(port),
      GATEWAY_PORT: String(port),
      GATEWAY_METRICS_PORT: '0',
      ...common,
      ...env,
      // As Hive's router names it.
      SUPERGRAPH_FILE_PATH: common.SUPERGRAPH,
    },
  });
  const url = `http://127.0.0.1:${port}`;
  const probe = async () => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ ...requestOf(feedPage), variables: { first: 1 } }),
    });
    const text = await response.text();
    return response.ok && text.includes('"likeCount":0');
  };
  await whenReady(child, probe, { logFile, timeoutMs: 60_000, intervalMs: 100 });
  return { name, url, child, cpu: () => cpuOf(child.pid), memory: () => memoryOf(child.pid) };
};
