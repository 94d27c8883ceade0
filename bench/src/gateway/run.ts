import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installPackages } from '@rookery/stack';
import { type Contender, cores, peerPackages, type Running } from './contenders.ts';
import { feedPage, type Page } from './data.ts';
import { swapUnderLoad } from './hot-swap.ts';
import { startIssuer } from './issuer.ts';
import { askUnknown, load, loadAtRate, type Run, type Traffic } from './load.ts';
import { type PairedRatio, pairedRatio } from './paired-ratio.ts';
import { measurePlanning } from './planning.ts';
import { figuresTable, pairsLine, table } from './report.ts';
import { type Issuer, type Surroundings, startAll, startSurroundings } from './surroundings.ts';

const users = 100;
const inFlight = 16;
/** Number of requests before the first measurement, so that compiled code is measured. */
const warmUp = 4_000;
/** Seconds of a measurement at a fixed rate. */
const rateSeconds = 10;
/** Number of operations that no gateway knows. */
const unknownOperations = 60;
const say = (line: string): void => console.error(`  … ${line}`);

const median = (runs: readonly Run[]): Run => {
  const middle = runs.toSorted((a, b) => a.cpu - b.cpu)[Math.floor(runs.length / 2)];
  if (!middle) throw new Error('nothing was measured');
  return middle;
};

/** Gateways and pages to measure, and how. */
interface Chosen {
  readonly contenders: readonly Contender[];
  readonly pages: readonly Page[];
  readonly rounds: number;
  readonly requests: number;
  readonly rate: number;
  readonly rest: boolean;
  readonly profile: string | undefined;
  readonly json: boolean;
}

/** Measured values by title and gateway. */
type Results = Map<string, ReadonlyMap<string, Run> | ReadonlyMap<string, Readonly<Record<string, number>>>>;

/** Measures the gateways, and prints the results. */
export const measureGateways = async (values: Chosen): Promise<void> => {
  const { contenders: chosen } = values;
  for (const { packages } of chosen) if (packages !== undefined) await installPackages(packages, say);
  if (cores)
    execFileSync('taskset', ['-a', '-c', '-p', cores.others, String(process.pid)], { stdio: 'ignore' });
  else say('taskset is not here: the gateways share their core with the load');

  await using resources = new AsyncDisposableStack();
  const dir = mkdtempSync(join(tmpdir(), 'rookery-bench-'));
  resources.defer(() => rmSync(dir, { recursive: true, force: true }));
  const issuer = await startIssuer(users, resources);
  const surroundings = await startSurroundings(dir, issuer, resources);
  const options = { dir, profile: values.profile, say };
  const running = await startAll(chosen, surroundings, issuer, options, resources);
  const results: Results = new Map();
  const tell: Tell = (text) => {
    if (!values.json) console.log(`${text}\n`);
  };
  const atRest = new Map(running.map(({ name, memory }) => [name, memory()]));
  for (const page of values.pages)
    for (const same of [false, true])
      await measurePage(running, issuer, { page, same }, values, results, tell);
  if (values.rate > 0) await measureRate(running, issuer, values, results, tell);
  if (values.rest) await measureRest(running, issuer, surroundings, atRest, results, tell);
  if (values.json) {
    const all = [...results].map(([title, found]) => [title, Object.fromEntries(found)]);
    console.log(JSON.stringify(Object.fromEntries(all)));
  }
};

type Tell = (text: string) => void;

/** Measures one page with the same request each time, or with different ones. */
const measurePage = async (
  running: readonly Running[],
  { tokens }: Issuer,
  { page, same }: Pick<Traffic, 'page' | 'same'>,
  chosen: Chosen,
  results: Results,
  tell: Tell,
): Promise<void> => {
  const title = `${page.title}, ${same ? 'the same request each time' : 'another cursor and user in each request'}`;
  say(title);
  const all = await measure(running, { page, same, tokens }, chosen);
  const found = new Map([...all].map(([name, runs]) => [name, median(runs)]));
  results.set(title, found);
  tell(table(title, found));
  const pairs = pairsOf(all);
  if (pairs === undefined) return;
  results.set(`${title}, pairs of turns`, new Map([['reporting', { ...pairs }]]));
  tell(pairsLine(pairs));
};

/** Compares the planners, without any gateway. */
export const comparePlanners = async ({ json }: Pick<Chosen, 'json'>): Promise<void> => {
  await installPackages(peerPackages('hive'), say);
  const figures = measurePlanning(say);
  if (json) console.log(JSON.stringify(Object.fromEntries(figures)));
  else console.log(figuresTable('operations new to a planner, on a supergraph of 50 subgraphs', figures));
};

const measureRate = async (
  running: readonly Running[],
  { tokens }: Issuer,
  { pages: asked, rate }: Chosen,
  results: Results,
  tell: Tell,
): Promise<void> => {
  for (const page of asked) {
    const title = `${page.title}, at ${rate} requests per second`;
    say(title);
    const found = new Map<string, Run>();
    for (const gateway of running) {
      const traffic = { page, tokens, same: false };
      found.set(gateway.name, await loadAtRate(gateway, traffic, { perSecond: rate, seconds: rateSeconds }));
    }
    results.set(title, found);
    tell(table(title, found));
  }
};

/** Measures operations that are not known yet, memory, and a new supergraph under load. */
const measureRest = async (
  running: readonly Running[],
  { tokens }: Issuer,
  { supergraph, urls }: Surroundings,
  atRest: ReadonlyMap<string, number>,
  results: Results,
  tell: Tell,
): Promise<void> => {
  const figures = new Map<string, Readonly<Record<string, number>>>();
  for (const gateway of running) {
    say(`${gateway.name}: unknown operations, memory`);
    const unknown = await askUnknown(gateway, { page: feedPage, tokens }, unknownOperations);
    const all = {
      'p50 ms': unknown.p50,
      'p99 ms': unknown.p99,
      'MiB at start': atRest.get(gateway.name) ?? 0,
    };
    figures.set(gateway.name, { ...all, 'MiB loaded': gateway.memory() });
  }
  const title = 'unknown operations, and memory';
  results.set(title, figures);
  tell(figuresTable(title, figures));
  const own = running.find(({ name }) => name === 'rookery');
  if (!own) return;
  say('a new supergraph under load');
  const traffic: Traffic = { page: feedPage, tokens, same: false, inFlight, count: 4_000 };
  const { servedAfterMs, run } = await swapUnderLoad(own, supergraph, urls, traffic);
  const swap = new Map([['rookery', { 'served ms': servedAfterMs, 'p50 ms': run.p50, 'p99 ms': run.p99 }]]);
  const swapTitle = 'a new supergraph under load, with up to 300 ms until the file is looked at';
  results.set(swapTitle, swap);
  tell(figuresTable(swapTitle, swap));
};

/** Compares each turn with reports with the one without next to it; undefined if that was not measured. */
const pairsOf = (all: ReadonlyMap<string, readonly Run[]>): PairedRatio | undefined => {
  const [off, on] = [all.get('not-reporting'), all.get('reporting')];
  return off && on && pairedRatio(on.map(({ cpu }, turn) => [cpu, off[turn]?.cpu ?? Number.NaN]));
};

/** Measures the gateways turn by turn, every other time in the opposite order. */
const measure = async (
  running: readonly Running[],
  asked: Pick<Traffic, 'page' | 'same' | 'tokens'>,
  { requests, rounds }: Chosen,
): Promise<ReadonlyMap<string, readonly Run[]>> => {
  const traffic = { ...asked, inFlight, count: requests };
  const runs = new Map<string, Run[]>(running.map(({ name }) => [name, []]));
  for (const gateway of running) await load(gateway, { ...traffic, count: Math.min(warmUp, requests * 4) });
  for (let round = 0; round < rounds; round++)
    for (const gateway of round % 2 === 0 ? running : running.toReversed())
      runs.get(gateway.name)?.push(await load(gateway, traffic));
  return runs;
};
