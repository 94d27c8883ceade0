import { AckPolicy, jetstream } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { openEventStore } from '@rookery/event-store';
import { newId } from '@rookery/runtime';
import { makeEvent, writeEvent } from '@rookery/schema/events';
import type { System } from '@rookery/tests/support';
import pg from 'pg';
import { repeat, until } from './measure.ts';
import { quiet } from './quiet-log.ts';
import type { Result } from './result.ts';

const batch = 500;

const publishAll = async (nats: NatsConnection, subject: string, count: number): Promise<void> => {
  const js = jetstream(nats);
  const actor = newId();
  await repeat(count, 128, () => {
    const id = newId();
    const event = makeEvent({
      name: 'rookery.post.published',
      id,
      subject: id,
      actor,
      time: new Date().toISOString(),
      data: { body: 'Only the bare facts.' },
    });
    return js.publish(`${subject}.${id}`, JSON.stringify(writeEvent(event)), { msgID: id });
  });
};

/** Pulls, inserts with unnest, and acknowledges, and nothing else. Returns events per second. */
const bareRate = async (nats: NatsConnection, url: string, count: number): Promise<number> => {
  const js = jetstream(nats);
  const jsm = await js.jetstreamManager();
  await jsm.streams.add({ name: 'PULL', subjects: ['pull.*'] });
  await jsm.consumers.add('PULL', { durable_name: 'bare', ack_policy: AckPolicy.Explicit });
  await publishAll(nats, 'pull', count);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('create table bare (id uuid primary key, event json not null)');
    const consumer = await js.consumers.get('PULL', 'bare');
    const start = performance.now();
    for (let done = 0; done < count; ) {
      const messages = [];
      for await (const message of await consumer.fetch({ max_messages: Math.min(batch, count - done) })) {
        messages.push(message);
      }
      await client.query('insert into bare select * from unnest($1::uuid[], $2::json[])', [
        messages.map((m) => m.subject.slice('pull.'.length)),
        messages.map((m) => m.string()),
      ]);
      for (const message of messages) message.ack();
      done += messages.length;
    }
    return count / ((performance.now() - start) / 1_000);
  } finally {
    await client.end();
  }
};

/** Measures how fast the recorder drains a backlog, against a bare pull and insert of the same number of messages. */
export const recorder = async (system: System, say: (line: string) => void): Promise<Result> => {
  // Enough that the recorder is warm for most of it, as this process is when its turn comes: its code is compiled meanwhile.
  const count = 200_000;
  const store = openEventStore(system.servers.database.url, { log: quiet });
  const nats = await connect({ servers: system.servers.nats.url });
  try {
    await system.kill('projector', 'SIGTERM');
    await system.kill('recorder', 'SIGTERM');
    const before = await store.head();
    say(`queueing ${count} events`);
    await publishAll(nats, 'activity', count);
    say('the recorder drains them');
    // Excludes its start: the clock starts with the first event in the store.
    const started = system.start('recorder');
    await until('the first event is recorded', 60_000, async () => (await store.head()) > before);
    const first = await store.head();
    const start = performance.now();
    await until('all are recorded', 300_000, async () => (await store.head()) >= before + count);
    const rate = (before + count - first) / ((performance.now() - start) / 1_000);
    await started;
    say('bare pull and insert');
    const bare = await bareRate(nats, system.servers.database.url, count);
    await system.start('projector');
    return {
      name: 'recorder: events recorded and relayed against bare pull and insert',
      figures: {
        'recorder, events per second': rate,
        'bare pull and insert, events per second': bare,
        ratio: rate / bare,
      },
      reading: 'a share of the ceiling, higher is better; the recorder also hands every event on to RECORDED',
    };
  } finally {
    await nats.close();
    await store.close();
  }
};
