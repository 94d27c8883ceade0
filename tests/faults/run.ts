import { setTimeout as sleep } from 'node:timers/promises';
import { processNames } from '@rookery/stack';
import { ops } from '../support/ops.ts';
import { readQueue } from '../support/servers/read-queue.ts';
import { linkNames, startArena } from './arena.ts';
import { heldLoops, unfinished, unready } from './check/at-rest.ts';
import { checkInvariants, missingLive } from './check/invariants.ts';
import { readStore } from './check/observe.ts';
import { grown, readResources } from './check/resources.ts';
import type { Fault, FaultContext, Injected } from './fault.ts';
import { seeded } from './random.ts';
import type { Trace } from './trace.ts';
import { startWorkload } from './workload/workload.ts';

interface Broken {
  readonly invariant: string;
  readonly what: string;
  readonly during: string;
}

/** Final state of the event store. */
interface EpisodeOutcome {
  readonly unknownApplied: number;
  readonly events: number;
  readonly lost: number;
  readonly doubled: number;
}

export interface EpisodeReport extends EpisodeOutcome {
  /** Seeds of the whole matrix and of this part. */
  readonly matrixSeed: number;
  readonly seed: number;
  readonly pace: number;
  readonly scheduled: readonly string[];
  /** Fault → how often it said that it took effect. */
  readonly fired: Readonly<Record<string, number>>;
  readonly broken: readonly Broken[];
  /** Invariant → how many checks of it were made. */
  readonly checked: Readonly<Record<string, number>>;
  readonly operations: { readonly ok: number; readonly failed: number; readonly unknown: number };
  readonly deliveries: number;
  readonly reconnects: number;
  /** Name → values, in ms. */
  readonly figures: Readonly<Record<string, readonly number[]>>;
  readonly seconds: number;
}

export interface EpisodeOptions {
  readonly matrixSeed: number;
  readonly seed: number;
  /** One after the other; again from the first while there is time. All of one arena. */
  readonly faults: readonly Fault[];
  /** Seconds for the faults; each runs once at least. */
  readonly seconds: number;
  /** Factor for how long a fault lasts. */
  readonly pace: number;
  readonly trace: Trace;
  readonly say: (line: string) => void;
}

/** From the end of the faults until everything must be as if there had been none, in ms. */
const livenessBound = 30_000;

/** One system from its start to its end: faults with the safety checks running, healing, and the checks at rest. */
export const runEpisode = async (options: EpisodeOptions): Promise<EpisodeReport> => {
  const { seed, faults, trace, say } = options;
  const started = performance.now();
  const random = seeded(seed);
  const broken: Broken[] = [];
  const checked: Record<string, number> = {};
  const fired: Record<string, number> = {};
  const figures: Record<string, number[]> = {};
  const scheduled: string[] = [];
  const injected: Injected = { events: new Set(), deadLetters: new Set() };
  let during = 'start';
  let lastHarm = 0;
  const watch = {
    broken(invariant: string, what: string) {
      broken.push({ invariant, what, during });
      trace.write('broken', { invariant, what, during });
      say(`  BROKEN ${invariant} during ${during}: ${what}`);
    },
    checked(invariant: string) {
      checked[invariant] = (checked[invariant] ?? 0) + 1;
    },
    trace: trace.write,
  };
  const figure = (name: string, value: number) => {
    figures[name] = [...(figures[name] ?? []), Math.round(value)];
    trace.write('figure', { name, value });
  };

  await using resources = new AsyncDisposableStack();
  const arenaOptions = (await faults[0]?.arena?.(resources)) ?? {};
  const arena = resources.use(await startArena(arenaOptions));
  const workload = await startWorkload({
    url: arena.gatewayUrl,
    random: random.fork('workload'),
    watch,
    // A link that was held or frozen may deliver late for a while afterwards.
    punctual: () => {
      if (linkNames.some((name) => arena.links[name].state.kind !== 'pass')) lastHarm = performance.now();
      return performance.now() - lastHarm > 15_000;
    },
    async grant(handle) {
      const { code, err } = await ops(arena.system.env, 'grant', handle, 'moderate');
      if (code !== 0) throw new Error(err);
    },
    actors: 8,
    readers: 3,
    every: 500,
  });
  let mourned = 0;
  const heal = async (): Promise<void> => {
    await arena.heal();
    watch.checked('P9');
    for (const what of arena.died.slice(mourned)) watch.broken('P9', what);
    mourned = arena.died.length;
  };
  // A write that is visible everywhere has warmed up every process.
  await workload.probe(livenessBound);
  const baseline = await readResources(arena);
  arena.restarted.clear();

  const until: FaultContext['until'] = async (what, within, look) => {
    const start = performance.now();
    watch.checked('row');
    for (;;) {
      const seen = await Promise.resolve(look()).catch((error: unknown) => String(error));
      if (seen === true || seen === undefined) return performance.now() - start;
      if (performance.now() - start > within) {
        const why = typeof seen === 'string' ? `: ${seen}` : '';
        watch.broken('row', `${what}: not within ${within} ms${why}`);
        return performance.now() - start;
      }
      await sleep(50);
    }
  };
  const inject = async (fault: Fault): Promise<void> => {
    during = fault.name;
    scheduled.push(fault.name);
    trace.write('fault', { name: fault.name });
    say(`  ${fault.name}`);
    const before = fired[fault.name] ?? 0;
    lastHarm = performance.now();
    const context: FaultContext = {
      arena,
      workload,
      random: random.fork(`${fault.name} ${scheduled.length}`),
      injected,
      pace: options.pace,
      hold: (seconds) => sleep(seconds * 1_000 * options.pace),
      fired(evidence) {
        fired[fault.name] = (fired[fault.name] ?? 0) + 1;
        trace.write('fired', { name: fault.name, evidence });
      },
      expect(what, holds, detail) {
        watch.checked('row');
        if (!holds)
          watch.broken(
            'row',
            `${fault.name}: ${what}${detail === undefined ? '' : ` ${JSON.stringify(detail)}`}`,
          );
      },
      until,
      figure,
      say,
    };
    try {
      await fault.run(context);
    } catch (error) {
      watch.broken(
        'row',
        `${fault.name}: ${error instanceof Error ? (error.stack ?? error.message) : error}`,
      );
    }
    lastHarm = performance.now();
    await heal();
    watch.checked('I9');
    if ((fired[fault.name] ?? 0) === before) watch.broken('I9', `${fault.name} did not fire`);
    if (fault.ends) return;
    during = `${fault.name}, recovering`;
    const healed = performance.now();
    while (!(await workload.probe(livenessBound)) && performance.now() - healed < livenessBound);
    const took = performance.now() - healed;
    figure(`recovery after ${fault.name}`, took);
    watch.checked('liveness');
    if (took > livenessBound)
      watch.broken('liveness', `${fault.name}: nothing flows ${Math.round(took)} ms after it`);
  };

  const ends = faults.some((fault) => fault.ends);
  const breakIt = async (): Promise<void> => {
    const end = performance.now() + options.seconds * 1_000;
    for (let round = 0; round === 0 || (!ends && performance.now() < end); round++) {
      for (const fault of faults) {
        if (round > 0 && performance.now() > end) break;
        await inject(fault);
        await sleep(random.int(100, 600)); // the schedule's own pace, by the seed
      }
    }
  };
  const lookAtRest = async (): Promise<EpisodeOutcome> => {
    during = 'healing';
    await heal();
    const healed = performance.now();
    await workload.quiesce(livenessBound);
    if (ends) {
      await until('everything is recorded', livenessBound, async () => {
        const stored = new Set((await readStore(arena.urls.store)).events.map(({ id }) => id));
        return (await readQueue(arena.urls.queue)).activity.every((id) => stored.has(id));
      });
      const { events } = await readStore(arena.urls.store);
      const { lost, doubled } = workload.world.referenceModel.settle(events, injected.events);
      return { lost: lost.length, doubled: doubled.length, unknownApplied: 0, events: events.length };
    }
    await until('everything is recorded and projected', livenessBound, () =>
      unfinished(arena, workload, injected),
    );
    await until('every process is ready', livenessBound, () => unready(arena));
    figure('at rest after the last fault', performance.now() - healed);
    const missing = await missingLive(arena, workload, injected);
    await until('subscribers have got what they should', livenessBound, () =>
      workload.subscribers.flatMap(missing).at(0),
    );
    for (const [name, held] of await heldLoops(arena)) figure(`event loop of ${name}, 99th percentile`, held);
    during = 'checks at rest';
    const { settled, events, digests } = await checkInvariants({
      arena,
      workload,
      watch,
      injected,
    });
    trace.write('digests', digests);
    const { lost, doubled, unknown } = settled;
    return { lost: lost.length, doubled: doubled.length, unknownApplied: unknown.applied, events };
  };

  let outcome: EpisodeOutcome = { lost: 0, doubled: 0, unknownApplied: 0, events: 0 };
  try {
    await breakIt();
    outcome = await lookAtRest();
  } catch (error) {
    // A process or server that does not come back, most likely: what could not be looked at is not as it should be.
    watch.broken('run', error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  await workload.stop();
  watch.checked('I10');
  try {
    const resources = await readResources(arena);
    trace.write('resources', { before: Object.fromEntries(baseline), after: Object.fromEntries(resources) });
    for (const what of grown(baseline, resources)) watch.broken('I10', what);
  } catch (error) {
    watch.broken('I10', `not measured: ${error}`);
  }
  if (broken.length > 0)
    for (const name of processNames) trace.attach(`${seed}-${name}`, arena.system.log(name));

  const { referenceModel } = workload.world;
  return {
    matrixSeed: options.matrixSeed,
    seed,
    pace: options.pace,
    scheduled,
    fired,
    broken,
    checked,
    operations: {
      ok: referenceModel.count('ok'),
      failed: referenceModel.count('failed'),
      unknown: referenceModel.count('unknown'),
    },
    ...outcome,
    deliveries: workload.subscribers.reduce((sum, { delivered }) => sum + delivered.length, 0),
    reconnects: workload.subscribers.reduce((sum, { connections }) => sum + connections - 1, 0),
    figures,
    seconds: Math.round((performance.now() - started) / 1_000),
  };
};
