import { type Flow, readFlow } from '@rookery/message-queue';
import { Gauge, oncePerScrape, oneAtATime, type Registry } from '@rookery/runtime';
import type { Sources } from './sources.ts';

/** Returns a function that tells whether a write could reach a feed that is read here, and how late. */
export const flowReader = ({ queue, replicas }: Sources): (() => Promise<Flow>) =>
  oneAtATime(() =>
    readFlow(queue, async () => {
      const progress = await replicas.current.progress.read();
      return (projection) => progress.of(projection);
    }),
  );

type Step = Flow['steps'][number];

/**
 * Registers the metrics of each step from an accepted command to a feed. A replica of this process tells of them while the
 * recorder or the projector is down, which cannot tell of themselves then. A step of which the queue does not tell has no sample.
 */
export const watchFlow = (registry: Registry, flow: () => Promise<Flow>): void => {
  const read = oncePerScrape(flow);
  const each = (name: string, help: string, value: (step: Step) => number | null) =>
    new Gauge({
      name,
      help,
      labelNames: ['step'],
      registers: [registry],
      async collect() {
        const { steps } = await read();
        this.reset();
        for (const step of steps) {
          const found = value(step);
          if (found !== null) this.set({ step: step.name }, found);
        }
      },
    });
  each(
    'rookery_query_flow_behind_events',
    'Accepted events that wait for this step: the recorder, or a projection',
    ({ behind }) => behind,
  );
  each('rookery_query_flow_late_seconds', 'Age of the oldest event that waits for this step', ({ lateMs }) =>
    lateMs === null ? null : lateMs / 1_000,
  );
  each('rookery_query_flow_stopped', '1 if nobody works on this step, 0 if somebody does', ({ state }) =>
    state === 'unknown' ? null : Number(state === 'stopped'),
  );
};
