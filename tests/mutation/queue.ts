import { openQueue, type Queue } from '@rookery/message-queue';
import { settings } from '@rookery/runtime';
import type { Envelope } from '@rookery/schema/events';
import { log } from '../support/systems/start-mutation.ts';

/** The queue as the recorder sees it. */
export const openTestQueue = async (url: string): Promise<Queue & AsyncDisposable> => {
  const queue = openQueue({
    url,
    replicas: 1,
    maxBytes: Number(settings.QUEUE_MAX_BYTES.fallback),
    ackTimeoutMs: 1_500,
    log,
  });
  await queue.prepare();
  return Object.assign(queue, { [Symbol.asyncDispose]: () => queue.close() });
};

/** Takes every event out of ACTIVITY, in order: what the recorder would have got by now. */
export const drain = async (queue: Queue): Promise<Envelope[]> => {
  const { waiting, inFlight } = await queue.consumer('recorder');
  const events: Envelope[] = [];
  if (waiting + inFlight === 0) return events;
  for await (const batch of await queue.activity(500)) {
    for (const delivery of batch) {
      if (delivery.value) events.push(delivery.value);
      delivery.ack();
    }
    if (events.length >= waiting + inFlight) break;
  }
  return events;
};
