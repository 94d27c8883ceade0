import { connect } from '@nats-io/transport-node';
import type { System } from '@rookery/tests/support';
import { Redis } from 'ioredis';

/** Steps of a post on its way to an open page, in their usual order, as they show from outside of the processes. */
export const stepNames = [
  'published to ACTIVITY',
  'answered',
  'recorded and published to RECORDED',
  'profiles have passed it',
  'posts have passed it',
  'feeds have passed it',
  'its hint is published',
  'arrived on the page',
] as const;
export type Step = (typeof stepNames)[number];

/** Notes when each step of the current post is first seen. */
export interface StepClock extends AsyncDisposable {
  /** Begins with a new post. Returns the times of its steps, which grow, in milliseconds since now. */
  begin(): ReadonlyMap<Step, number>;
  note(step: Step): void;
}

/** Listens to the queue and to the hints of Redis, beside the processes. */
export const openStepClock = async (system: System, reader: string): Promise<StepClock> => {
  await using undo = new AsyncDisposableStack();
  const nats = undo.adopt(await connect({ servers: system.servers.nats.url }), (nc) => nc.close());
  const redis = undo.adopt(new Redis(system.servers.redis.url), (client) => client.disconnect());
  let began = performance.now();
  let steps = new Map<Step, number>();
  const note = (step: Step): void => {
    if (!steps.has(step)) steps.set(step, performance.now() - began);
  };
  nats.subscribe('activity.>', { callback: () => note('published to ACTIVITY') });
  nats.subscribe('recorded.>', { callback: () => note('recorded and published to RECORDED') });
  await nats.flush();
  redis.on('message', (channel: string, message: string) => {
    if (channel !== 'live:progress') return note('its hint is published');
    const { projection } = JSON.parse(message) as { readonly projection: string };
    const step = stepNames.find((name) => name === `${projection} have passed it`);
    if (step) note(step);
  });
  await redis.subscribe('live:progress', `live:feed:${reader}`);
  const resources = undo.move();
  return {
    begin() {
      began = performance.now();
      steps = new Map();
      return steps;
    },
    note,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
};
