import { setPriority } from 'node:os';
import { UsageError, wholeNumber } from '@rookery/command-line';
import {
  abandon,
  createPace,
  NoPreviousGenerationError,
  RebuildConflictError,
  type RebuildProgress,
  type Rebuilt,
  rebuild as rebuildProjections,
  rollBack,
} from '@rookery/projector';
import { projectionNames } from '@rookery/read-models/reducers';
import { defineCommand, type Outcome } from '../command.ts';
import { describeProgress } from '../rebuild-progress.ts';
import { untilSignal } from '../until-signal.ts';

const toText = (
  names: readonly string[],
  { generation, events, seconds, resumed, failed }: Rebuilt,
): string =>
  [
    `${names.join(', ')}: generation ${generation} is live${resumed ? ' (resumed)' : ''}`,
    `${events} events in ${seconds.toFixed(1)} s, ${Math.round(events / seconds)} events/s`,
    ...(failed.length > 0
      ? [`${failed.length} events could not be applied: ${failed.slice(0, 20).join(', ')}`]
      : []),
  ].join('\n');

export const rebuild = defineCommand({
  about: 'Rebuilds a projection from the event store next to the live one and swaps it in; or rolls back',
  positionals: '<projection|all>',
  options: {
    'roll-back': { type: 'boolean' },
    abandon: { type: 'boolean' },
    'max-slowdown': { type: 'string' },
  },
  help: [
    ['<projection|all>', `one of ${projectionNames.join(', ')}, or all of them in one swap`],
    ['--roll-back', 'makes the previous generation live again'],
    ['--abandon', 'drops an unfinished rebuild'],
    [
      '--max-slowdown <percent>',
      'rest so much that reads are slowed by no more than this on average; 15 by default, 0 works flat out',
    ],
  ],

  async run(values, context, [which, ...more]) {
    const { documents, eventStore } = context.stores;
    await using stop = untilSignal();
    const common = {
      documents,
      eventStore,
      signal: stop.signal,
      onProgress: (progress: RebuildProgress) => context.progress(describeProgress(progress)),
    };
    if (values.abandon) return orRefused(async () => dropped(await abandon(common)));
    if (which === undefined || more.length > 0) throw new UsageError('name one projection, or all');
    if (which !== 'all' && !projectionNames.includes(which)) {
      throw new UsageError(`no such projection: ${which}`);
    }
    const names = which === 'all' ? projectionNames : [which];
    const percent = wholeNumber('max-slowdown', values['max-slowdown'] ?? '15', 0);
    await using pacing =
      percent > 0
        ? createPace({ url: context.config.DOCUMENTS_URL, slowdown: percent / 100 })
        : { pace: undefined, async [Symbol.asyncDispose]() {} };
    // Readers have priority. Set after the measuring thread is created, whose priority must be that of
    // readers.
    if (percent > 0) setPriority(10);
    const paced = { ...common, ...(pacing.pace ? { pace: pacing.pace } : {}) };
    return await orRefused(async () => {
      if (!values['roll-back']) {
        const rebuilt = await rebuildProjections({ ...paced, projections: names });
        return outcome([{ names, rebuilt }]);
      }
      const done = [];
      for (const projection of names) {
        done.push({ names: [projection], rebuilt: await rollBack({ ...paced, projection }) });
      }
      return outcome(done);
    });
  },
});

/** Turns a conflict with another rebuild into a result instead of a failure. */
const orRefused = async (work: () => Promise<Outcome>): Promise<Outcome> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RebuildConflictError || error instanceof NoPreviousGenerationError)
      return refused(error);
    throw error;
  }
};

const dropped = (rebuild: Awaited<ReturnType<typeof abandon>>): Outcome => ({
  ok: true,
  json: { abandoned: rebuild?.projections ?? null },
  text: rebuild ? `dropped the rebuild of ${rebuild.projections.join(', ')}` : 'there is no rebuild to drop',
});

const refused = ({ message }: Error): Outcome => ({ ok: false, json: { error: message }, text: message });

const outcome = (
  done: readonly { readonly names: readonly string[]; readonly rebuilt: Rebuilt }[],
): Outcome => ({
  ok: done.every(({ rebuilt }) => rebuilt.failed.length === 0),
  json: done.map(({ names, rebuilt }) => ({ projections: names, ...rebuilt })),
  text: done.map(({ names, rebuilt }) => toText(names, rebuilt)).join('\n'),
});
