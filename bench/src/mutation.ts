import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { newId } from '@rookery/runtime';
import { makeEvent, writeEvent } from '@rookery/schema/events';
import type { System } from '@rookery/tests/support';
import { GatewayClient } from './gateway-client.ts';
import { alternate, repeat } from './measure.ts';
import { body, publishPost } from './publish-post.ts';
import type { Result } from './result.ts';

/** Measures publishPost through the gateway against the bare acknowledgement of the queue. */
export const mutation = async (system: System, say: (line: string) => void): Promise<Result> => {
  const author = await system.signUp();
  await using client = new GatewayClient(system.gatewayUrl, author.token);
  const nats = await connect({ servers: system.servers.nats.url });
  try {
    const js = jetstream(nats);
    const jsm = await js.jetstreamManager();
    // A stream like ACTIVITY, with the same settings, since the recorder is not measured here.
    await jsm.streams.add({ name: 'BARE', subjects: ['bare.*'], duplicate_window: 120_000_000_000 });
    const bare = () => {
      const id = newId();
      const event = makeEvent({
        name: 'rookery.post.published',
        id,
        subject: id,
        actor: author.id,
        time: new Date().toISOString(),
        data: { body },
      });
      return js.publish(`bare.${id}`, JSON.stringify(writeEvent(event)), { msgID: id });
    };
    const post = () => client.ask(publishPost, { input: { body } });
    say('warming up');
    await repeat(500, 16, post);
    await repeat(500, 16, bare);
    say('one at a time');
    const [one, bareOne] = await alternate(
      5,
      () => repeat(200, 1, post),
      () => repeat(200, 1, bare),
    );
    say('32 in flight');
    const [many, bareMany] = await alternate(
      5,
      () => repeat(1_000, 32, post),
      () => repeat(1_000, 32, bare),
    );
    return {
      name: 'mutation: answer through the gateway against a bare JetStream acknowledgement',
      figures: {
        'publishPost, 1 in flight, p50 ms': one.p50,
        'bare acknowledgement, 1 in flight, p50 ms': bareOne.p50,
        'ratio of p50, 1 in flight': one.p50 / bareOne.p50,
        'publishPost, 32 in flight, per second': many.perSecond,
        'publishPost, 32 in flight, p99 ms': many.p99,
        'bare acknowledgement, 32 in flight, per second': bareMany.perSecond,
        'ratio of rates, 32 in flight': many.perSecond / bareMany.perSecond,
      },
      reading:
        'p50: a multiple of the floor, lower is better; rates: a share of the ceiling, higher is better',
    };
  } finally {
    await nats.close();
  }
};
