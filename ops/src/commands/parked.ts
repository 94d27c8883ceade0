import { userInfo } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { createFanOut, createLiveApply, patientCounts, replay } from '@rookery/projector';
import { projections } from '@rookery/projector/projections';
import { readEnvelope } from '@rookery/schema/events';
import { createLog } from '@rookery/service';
import type { Documents } from '@rookery/stores/documents';
import type { ParkedEvent } from '@rookery/stores/event-store';
import { type Context, defineCommand, type Outcome, UsageError, wholeNumber } from '../command.ts';
import { reach } from '../reach.ts';
import { table } from '../table.ts';

/** Events that are listed, or redriven, at a time. */
const most = 10_000;
/** Longest wait for the recorder to record what was put back into the queue. Milliseconds. */
const patience = 15_000;

interface Choice {
  readonly by?: string | undefined;
  readonly id?: string | undefined;
  readonly all?: boolean | undefined;
}

export const parked = defineCommand({
  about: 'Events that were set aside after their last try: list, show, redrive, drop',
  positionals: 'list | show | redrive | drop',
  options: {
    by: { type: 'string' },
    id: { type: 'string' },
    all: { type: 'boolean' },
    why: { type: 'string' },
    who: { type: 'string' },
    max: { type: 'string' },
  },
  help: [
    ['list', 'what is set aside, the oldest first; a problem (exit code 1) where there is more than --max'],
    ['show', 'one of them whole: error, tries, trace, payload'],
    ['redrive', 'applies it after all, or puts it back into the queue where the recorder set it aside'],
    ['drop', 'gives it up for good; --why must be given'],
    ['--by <name>', 'of this projection alone, or of the recorder'],
    ['--id <event>', 'this one'],
    ['--all', 'for redrive and drop: all that --by leaves'],
    ['--why <text>', 'the reason, which is kept'],
    ['--who <name>', 'who does it, which is kept; your login by default'],
    ['--max <events>', 'for list: how many are no problem; 0 by default'],
  ],

  async run({ by, id, all, why, who = userInfo().username, max = '0' }, context, [action]) {
    const chosen = await choose({ by, id, all }, context);
    switch (action) {
      case 'list':
        return list(chosen, wholeNumber('max', max, 0));
      case 'show':
        return show(demand(chosen, { id }));
      case 'redrive':
        return redrive(demand(chosen, { id, all }), who, why ?? 'redriven', context);
      case 'drop':
        if (!why) throw new UsageError('--why must be given');
        return drop(demand(chosen, { id, all }), who, why, context);
      default:
        throw new UsageError('one of list, show, redrive, drop');
    }
  },
});

const choose = async ({ by, id }: Choice, { stores }: Context): Promise<ParkedEvent[]> =>
  (await stores.eventStore.parked(most)).filter(
    (one) => (by === undefined || one.by === by) && (id === undefined || one.id === id),
  );

/** What is to be changed must be named. */
const demand = (chosen: readonly ParkedEvent[], { id, all }: Choice): readonly ParkedEvent[] => {
  if (id === undefined && !all) throw new UsageError('--id or --all must be given');
  if (id !== undefined && chosen.length === 0) throw new Error('no such event is parked');
  return chosen;
};

const firstLine = (text: string): string => text.split('\n')[0] ?? '';

const list = (chosen: readonly ParkedEvent[], max: number): Outcome => ({
  ok: chosen.length <= max,
  json: { parked: chosen.map(withTrace) },
  text:
    chosen.length === 0
      ? 'nothing is parked'
      : table(
          ['by', 'id', 'position', 'tries', 'parked at', 'error'],
          chosen.map((one) => [
            one.by,
            one.id,
            one.position ?? '',
            one.tries,
            one.parkedAt,
            firstLine(one.error),
          ]),
        ),
});

/** The request that made it, and its trace: as far as the payload can be read. */
const withTrace = (one: ParkedEvent) => {
  try {
    const { type, actor, requestid, traceparent, time } = readEnvelope(JSON.parse(one.payload));
    return { ...one, type, actor, time, requestId: requestid, traceparent };
  } catch {
    return one;
  }
};

const show = (chosen: readonly ParkedEvent[]): Outcome => {
  const shown = chosen.map(withTrace);
  return {
    ok: true,
    json: { parked: shown },
    text: shown
      .map((one) =>
        Object.entries(one)
          .filter(([, value]) => value !== undefined && value !== null)
          .map(([name, value]) => `${name}: ${value}`)
          .join('\n'),
      )
      .join('\n\n'),
  };
};

interface Result {
  readonly by: string;
  readonly id: string;
  readonly position: number | null;
  readonly failed: string | undefined;
}

const report = (done: string, results: readonly Result[]): Outcome => {
  const failed = results.filter((one) => one.failed !== undefined);
  return {
    ok: failed.length === 0,
    json: { results, done: results.length - failed.length, failed: failed.length },
    text: [
      `${done} ${results.length - failed.length} of ${results.length}`,
      ...failed.map((one) => `  ${one.by} ${one.id}: ${firstLine(one.failed ?? '')}`),
    ].join('\n'),
  };
};

const redrive = async (
  chosen: readonly ParkedEvent[],
  who: string,
  why: string,
  context: Context,
): Promise<Outcome> => {
  const results: Result[] = [];
  for (const one of chosen) {
    const outcome = await (one.by === 'recorder' ? record(one, context) : apply(one, context)).then(
      (position) => ({ position, failed: undefined }),
      (error: unknown) => ({
        position: one.position,
        failed: error instanceof Error ? error.message : String(error),
      }),
    );
    // Off the list only once it is proved to be where it belongs; what fails stays as it was.
    if (outcome.failed === undefined)
      await context.stores.eventStore.settle(one, { action: 'redriven', who, why });
    results.push({ by: one.by, id: one.id, ...outcome });
  }
  return report('redriven', results);
};

/** Applies it to its projection, as a projector does. @throws why it still can't be applied */
const apply = async (
  { by, position }: ParkedEvent,
  { stores: { documents, feeds, eventStore }, config }: Context,
): Promise<number> => {
  const projection = projections.find(({ name }) => name === by);
  if (!projection || position === null) throw new Error(`there is no projection ${by} in this build`);
  const fanOut = (live: Documents) =>
    createFanOut({
      documents: live,
      feeds,
      cap: config.FEED_CAP,
      limit: config.FANOUT_LIMIT,
      log: createLog('ops', 'silent'),
    });
  const applied = await replay({
    eventStore,
    applies: new Map([[by, createLiveApply(projection, { documents, fanOut, counts: () => patientCounts })]]),
    from: position,
    to: position,
  });
  const [failure] = applied.failures;
  if (failure) throw failure.error;
  if (applied.position !== position) throw new Error(`the event store has nothing at position ${position}`);
  return position;
};

/** Puts it back into the queue, and waits until it is recorded. @throws why not */
const record = async (
  { payload }: ParkedEvent,
  { stores: { queue, eventStore } }: Context,
): Promise<number> => {
  const event = readEnvelope(JSON.parse(payload));
  const connected = await reach(() => queue.ping());
  if (!connected.ok) throw new Error(`the queue does not answer: ${connected.reason}`);
  await queue.publishAgain(event);
  for (const deadline = Date.now() + patience; Date.now() < deadline; await setTimeout(100)) {
    const position = await eventStore.positionOf(event.id);
    if (position !== undefined) return position;
  }
  throw new Error('the recorder has not recorded it');
};

const drop = async (
  chosen: readonly ParkedEvent[],
  who: string,
  why: string,
  { stores }: Context,
): Promise<Outcome> => {
  const results: Result[] = [];
  for (const { by, id, position } of chosen) {
    const gone = await stores.eventStore.settle({ by, id }, { action: 'dropped', who, why });
    results.push({ by, id, position, failed: gone ? undefined : 'it is not parked any more' });
  }
  return report('dropped', results);
};
