import { wholeNumber } from '@rookery/command-line';
import type { CheckpointDoc } from '@rookery/read-models';
import { projectionNames } from '@rookery/read-models/reducers';
import { defineCommand } from '../command.ts';
import { reach } from '../reach.ts';
import { table } from '../table.ts';

export const lag = defineCommand({
  about: 'Shows how far the recorder and each projection are behind the accepted events',
  options: { max: { type: 'string' } },
  help: [['--max <events>', 'exit code 1 if any lag is greater']],

  async run({ max }, { stores }) {
    const limit = max === undefined ? Number.POSITIVE_INFINITY : wholeNumber('max', max, 0);
    const { queue, eventStore, documents } = stores;
    const connected = await reach(() => queue.ping());
    if (!connected.ok) throw new Error(`the queue does not answer: ${connected.reason}`);
    const [head, lastPublished, recorder, progress] = await Promise.all([
      eventStore.head(),
      queue.lastPublished(),
      queue.consumer('recorder'),
      documents.collection<CheckpointDoc>('progress').getMany(projectionNames),
    ]);
    const projections = await Promise.all(
      projectionNames.map(async (name) => {
        const { ackFloor, inFlight, waiting, attached } = await queue.consumer(name);
        const position = progress.get(name)?.doc.position ?? 0;
        return { name, ackFloor, inFlight, waiting, attached, progress: position, behind: head - position };
      }),
    );
    const toRecord = recorder.waiting + recorder.inFlight;
    const json = {
      head,
      lastPublished,
      recorder: { ...recorder, behind: toRecord, relayBehind: head - lastPublished },
      projections,
    };
    const worst = Math.max(toRecord, head - lastPublished, ...projections.map(({ behind }) => behind));
    return {
      ok: worst <= limit,
      json: { ...json, worst },
      text: [
        `event store at ${head}, relayed up to ${lastPublished}, ${toRecord} accepted and not recorded yet`,
        '',
        table(
          ['projection', 'acknowledged', 'progress', 'in flight', 'waiting', 'behind', 'attached'],
          projections.map((p) => [
            p.name,
            p.ackFloor,
            p.progress,
            p.inFlight,
            p.waiting,
            p.behind,
            p.attached ? 'yes' : 'no',
          ]),
        ),
        ...(worst > limit ? ['', `behind by ${worst}, more than ${limit}`] : []),
      ].join('\n'),
    };
  },
});
