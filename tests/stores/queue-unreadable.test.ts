import { connect } from '@nats-io/transport-node';
import { openQueue, type Queue } from '@rookery/message-queue';
import { createLog, newId } from '@rookery/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sampleEvent } from '../support/events/sample-events.ts';
import { type FreshServer, freshNats } from '../support/index.ts';
import { take } from './take.ts';

let nats: FreshServer;
let queue: Queue;
beforeEach(async () => {
  nats = await freshNats();
  queue = openQueue({
    url: nats.url,
    replicas: 1,
    maxBytes: 256 * 1024 * 1024,
    ackTimeoutMs: 1_000,
    log: createLog('test', 'silent'),
  });
  await queue.prepare();
});
afterEach(async () => {
  await queue.close();
  await nats.stop();
});

describe('a message of ACTIVITY that is no event', () => {
  it('hands over what is no event with its text', async () => {
    const nc = await connect({ servers: nats.url });
    nc.publish(`activity.${newId()}`, '{ not JSON');
    nc.publish(`activity.${newId()}`, '{"id":7}');
    await nc.flush();
    await nc.close();
    const taken = await take(await queue.activity(10), 2);
    expect(taken.map((d) => [d.value, d.payload, d.unreadable instanceof Error])).toEqual([
      [undefined, '{ not JSON', true],
      [undefined, '{"id":7}', true],
    ]);
  });

  it('refuses an event whose bytes are not its text', async () => {
    const event = sampleEvent();
    const bytes = Buffer.from(JSON.stringify({ ...event, data: { body: 'half \u00bd' } }));
    const half = bytes.indexOf(0xc2);
    const nc = await connect({ servers: nats.url });
    // Without the first of the two bytes of a character, and with a byte order mark, which JSON does not have.
    nc.publish(`activity.${newId()}`, Buffer.concat([bytes.subarray(0, half), bytes.subarray(half + 1)]));
    nc.publish(`activity.${newId()}`, Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]));
    nc.publish(`activity.${newId()}`, bytes);
    await nc.flush();
    await nc.close();
    const taken = await take(await queue.activity(10), 3);
    expect(taken.map(({ value, unreadable }) => [value?.id, unreadable instanceof Error])).toEqual([
      [undefined, true],
      [undefined, true],
      [event.id, false],
    ]);
    expect(Buffer.from(taken[2]?.bytes ?? []).equals(bytes)).toBe(true);
  });
});
