import { UsageError } from '@rookery/command-line';
import { type Difference, type Verified, verify as verifyProjections } from '@rookery/projector';
import { projectionNames } from '@rookery/read-models/reducers';
import { type Command, type Context, defineCommand, type Outcome } from '../command.ts';
import { createMeter } from '../meter.ts';
import { table } from '../table.ts';
import { untilSignal } from '../until-signal.ts';

/** Maximum number of differences that are shown; --json lists all. */
const maxShown = 100;

const rows = (differences: readonly Difference[]): string =>
  table(
    ['projection', 'where', 'id', 'what', 'live', 'rebuilt', 'differs in'],
    differences
      .slice(0, maxShown)
      .map(({ projection, where, id, kind, live, rebuilt, fields }) => [
        projection,
        where,
        id,
        kind,
        live ?? '-',
        rebuilt ?? '-',
        fields.slice(0, 5).join(', '),
      ]),
  );

const named = ({ differences, unsettled }: Verified): string[] => [
  ...(differences.length > 0 ? [rows(differences)] : []),
  ...(differences.length > maxShown ? [`and ${differences.length - maxShown} more`] : []),
  ...(unsettled.length > 0 ? [`changing all the time, so nothing can be said: ${unsettled.join(', ')}`] : []),
];

const run = async (
  { config, stores, progress }: Context,
  [which = 'all', ...more]: readonly string[],
  repair: boolean,
): Promise<Verified> => {
  if (more.length > 0) throw new UsageError('name one projection, or none for all');
  if (which !== 'all' && !projectionNames.includes(which))
    throw new UsageError(`no such projection: ${which}`);
  const { documents, eventStore, feeds } = stores;
  await using stop = untilSignal();
  const meter = createMeter(progress, '');
  return await verifyProjections({
    documents,
    eventStore,
    feeds,
    cap: config.FEED_CAP,
    projections: which === 'all' ? projectionNames : [which],
    repair,
    signal: stop.signal,
    onProgress: ({ what, done, of }) => meter(what, done, of),
  });
};

const help = [['<projection>', `one of ${projectionNames.join(', ')}; all by default`]] as const;

export const verify: Command = defineCommand({
  about: 'Compares the live read models with a fresh rebuild, by digest of each document and feed',
  positionals: '[projection]',
  options: {},
  help,

  async run(_values, context, positionals): Promise<Outcome> {
    const verified = await run(context, positionals, false);
    const { differences, unsettled, documents, feeds, position } = verified;
    const equal = differences.length === 0;
    const text = [
      `${documents} documents and ${feeds} feeds compared at position ${position}: ${equal ? 'equal' : `${differences.length} differences`}`,
      ...named(verified),
    ].join('\n');
    return { ok: equal && unsettled.length === 0, json: { equal, ...verified }, text };
  },
});

export const repair: Command = defineCommand({
  about: 'Repairs the documents and feeds that differ from a fresh rebuild, and nothing else',
  positionals: '[projection]',
  options: {},
  help,

  async run(_values, context, positionals): Promise<Outcome> {
    const verified = await run(context, positionals, true);
    const { differences, repaired, position } = verified;
    const text = [
      `${differences.length} differences at position ${position}, ${repaired} mended`,
      ...named(verified),
    ].join('\n');
    return { ok: repaired === differences.length, json: verified, text };
  },
});
