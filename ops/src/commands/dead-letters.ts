import { userInfo } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { UsageError, wholeNumber } from '@rookery/command-line';
import type { DeadLetter } from '@rookery/event-store';
import { replay } from '@rookery/projector';
import { projections } from '@rookery/read-models/reducers';
import { readEnvelope } from '@rookery/schema/events';
import { type Context, defineCommand, type Outcome } from '../command.ts';
import { liveApply } from '../live-apply.ts';
import { reach } from '../reach.ts';
import { table } from '../table.ts';

/** Maximum number of events that are listed or redriven at a time. */
const most = 10_000;
/** Maximum wait for the recorder to record an event that was published again. */
const timeoutMs = 15_000;

interface Choice {
  readonly by?: string | undefined;
  readonly id?: string | undefined;
  readonly all?: boolean | undefined;
}

export const deadLetters = defineCommand({
  about: 'Lists, shows, redrives or drops events that were set aside after their last try',
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
    ['list', 'dead letters, oldest first; exit code 1 if there are more than --max'],
    ['show', 'one event with its error, tries, trace and payload'],
    ['redrive', 'applies the event again, or publishes it again if the recorder could not record it'],
    ['drop', 'gives it up permanently; requires --why'],
    ['--by <name>', 'only those of this projection, or of the recorder'],
    ['--id <event>', 'only this event'],
    ['--all', 'for redrive and drop: all that --by leaves'],
    ['--why <text>', 'reason, which is stored'],
    ['--who <name>', 'name of the operator, which is stored; default: your login'],
    ['--max <events>', 'for list: exit code 1 if there are more; default: 0'],
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

const choose = async ({ by, id }: Choice, { stores }: Context): Promise<DeadLetter[]> =>
  (await stores.eventStore.deadLetters(most)).filter(
    (one) => (by === undefined || one.by === by) && (id === undefined || one.id === id),
  );

/** Requires that the events to change are named. */
const demand = (chosen: readonly DeadLetter[], { id, all }: Choice): readonly DeadLetter[] => {
  if (id === undefined && !all) throw new UsageError('--id or --all must be given');
  if (id !== undefined && chosen.length === 0) throw new Error('there is no such dead letter');
  return chosen;
};

const firstLine = (text: string): string => text.split('\n')[0] ?? '';

const list = (chosen: readonly DeadLetter[], max: number): Outcome => ({
  ok: chosen.length <= max,
  json: { deadLetters: chosen.map(withTrace) },
  text:
    chosen.length === 0
      ? 'there are no dead letters'
      : table(
          ['by', 'id', 'position', 'tries', 'added at', 'error'],
          chosen.map((one) => [
            one.by,
            one.id,
            one.position ?? '',
            one.tries,
            one.addedAt,
            firstLine(one.error),
          ]),
        ),
});

/** Adds the request and trace of the event, as far as the payload is readable. */
const withTrace = (one: DeadLetter) => {
  try {
    const { type, actor, requestid, traceparent, time } = readEnvelope(JSON.parse(one.payload));
    return { ...one, type, actor, time, requestId: requestid, traceparent };
  } catch {
    return one;
  }
};

const show = (chosen: readonly DeadLetter[]): Outcome => {
  const shown = chosen.map(withTrace);
  return {
    ok: true,
    json: { deadLetters: shown },
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
  chosen: readonly DeadLetter[],
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
    // Removed from the list only after it is verified to be applied or recorded; a failed one stays.
    if (outcome.failed === undefined)
      await context.stores.eventStore.resolveDeadLetter(one, { action: 'redriven', who, why });
    results.push({ by: one.by, id: one.id, ...outcome });
  }
  return report('redriven', results);
};

/**
 * Applies the event to its projection, as a projector does.
 * @throws the error if it still cannot be applied
 */
const apply = async ({ by, position }: DeadLetter, context: Context): Promise<number> => {
  const projection = projections.find(({ name }) => name === by);
  if (!projection || position === null) throw new Error(`there is no projection ${by} in this build`);
  const applied = await replay({
    eventStore: context.stores.eventStore,
    applies: new Map([[by, liveApply(projection, context)]]),
    from: position,
    to: position,
  });
  const [failure] = applied.failures;
  if (failure) throw failure.error;
  if (applied.position !== position) throw new Error(`the event store has no event at position ${position}`);
  return position;
};

/**
 * Publishes the event again and waits until it is recorded.
 * @throws the error if it is not
 */
const record = async (
  { payload }: DeadLetter,
  { stores: { queue, eventStore } }: Context,
): Promise<number> => {
  const event = readEnvelope(JSON.parse(payload));
  const connected = await reach(() => queue.ping());
  if (!connected.ok) throw new Error(`the queue does not answer: ${connected.reason}`);
  await queue.publishAgain(event);
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await setTimeout(100)) {
    const position = await eventStore.positionOf(event.id);
    if (position !== undefined) return position;
  }
  throw new Error('the recorder has not recorded it');
};

const drop = async (
  chosen: readonly DeadLetter[],
  who: string,
  why: string,
  { stores }: Context,
): Promise<Outcome> => {
  const results: Result[] = [];
  for (const { by, id, position } of chosen) {
    const gone = await stores.eventStore.resolveDeadLetter({ by, id }, { action: 'dropped', who, why });
    results.push({ by, id, position, failed: gone ? undefined : 'it is no dead letter any more' });
  }
  return report('dropped', results);
};
