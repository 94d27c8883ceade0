import { UsageError, wholeNumber } from '@rookery/command-line';
import { replay as replayEvents } from '@rookery/projector';
import { projectionNames, projections } from '@rookery/read-models/reducers';
import { defineCommand } from '../command.ts';
import { duration } from '../duration.ts';
import { liveApply } from '../live-apply.ts';

/** Maximum number of failures that are listed; others are only counted. */
const maxNamed = 20;

export const replay = defineCommand({
  about: 'Applies recorded events to the projections again; changes nothing if they are correct',
  options: {
    from: { type: 'string' },
    to: { type: 'string' },
    projection: { type: 'string', multiple: true },
  },
  help: [
    ['--from <position>', 'first event to apply again, from 1; must be given'],
    ['--to <position>', 'last one; the newest by default'],
    ['--projection <name>', `only this one, can be given several times: ${projectionNames.join(', ')}`],
  ],

  async run({ from, to, projection: names = projectionNames }, context) {
    if (from === undefined) throw new UsageError('--from must be given');
    const first = wholeNumber('from', from, 1);
    const unknown = names.filter((name) => !projectionNames.includes(name));
    if (unknown.length > 0) throw new UsageError(`no such projection: ${unknown.join(', ')}`);
    const { eventStore } = context.stores;
    const head = await eventStore.head();
    const last = Math.min(head, to === undefined ? head : wholeNumber('to', to, 1));

    const start = performance.now();
    const seconds = () => (performance.now() - start) / 1_000;
    const { position, failures } = await replayEvents({
      eventStore,
      applies: new Map(
        projections
          .filter(({ name }) => names.includes(name))
          .map((projection) => [projection.name, liveApply(projection, context)]),
      ),
      from: first,
      to: last,
      onProgress(at) {
        const rate = (at - first + 1) / seconds();
        const left = duration((last - at) / rate);
        context.progress(
          `${at} of ${last}, ${Math.round(rate)} events/s, ${left} left; goes on with --from ${at + 1}`,
        );
      },
    });
    const applied = Math.max(0, position - first + 1);
    const took = seconds();
    const named = failures.slice(0, maxNamed).map(({ position: at, projection, error }) => ({
      position: at,
      projection,
      error: error instanceof Error ? error.message : String(error),
    }));
    return {
      ok: failures.length === 0,
      json: {
        from: first,
        to: position,
        events: applied,
        seconds: took,
        rate: applied / took,
        failures: named,
        failed: failures.length,
      },
      text: [
        `applied ${applied} events again in ${took.toFixed(1)} s (${Math.round(applied / took)} events/s), ${failures.length} failures`,
        ...named.map((f) => `  ${f.position} ${f.projection ?? 'in every projection'}: ${f.error}`),
        ...(failures.length > maxNamed ? [`  and ${failures.length - maxNamed} more`] : []),
      ].join('\n'),
    };
  },
});
