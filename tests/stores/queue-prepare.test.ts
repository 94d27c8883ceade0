import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openQueue, QueueMisconfiguredError } from '@rookery/message-queue';
import { projectionNames } from '@rookery/read-models/reducers';
import { createLog } from '@rookery/runtime';
import { cloneDir } from '@rookery/stack';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { freshNats } from '../support/index.ts';
import { askDirectly } from '../support/servers/ask-directly.ts';

interface ScaledObject {
  readonly spec: {
    readonly triggers: readonly {
      readonly metadata: { readonly stream: string; readonly consumer: string };
    }[];
  };
}

const log = createLog('test', 'silent');
const options = { replicas: 1, maxBytes: 256 * 1024 * 1024, ackTimeoutMs: 1_000, log };

describe('prepare', () => {
  it('works when many do it at once', async () => {
    await using other = await freshNats();
    const queues = Array.from({ length: 6 }, () => openQueue({ url: other.url, ...options }));
    await Promise.all(queues.map((q) => q.prepare()));
    await Promise.all(queues.map((q) => q.close()));
  });

  it('creates each consumer by whose lag the chart scales projectors', async () => {
    const file = join(cloneDir, 'deploy/kustomize/components/keda/scaled-object.yaml');
    const { spec } = parse(readFileSync(file, 'utf8')) as ScaledObject;
    expect(spec.triggers.map(({ metadata }) => metadata.consumer)).toEqual([...projectionNames]);
    await using nats = await freshNats();
    const queue = openQueue({ url: nats.url, ...options });
    await queue.prepare();
    await queue.close();
    await askDirectly(nats.url, async (jsm) => {
      for (const { metadata } of spec.triggers)
        expect((await jsm.consumers.info(metadata.stream, metadata.consumer)).num_pending).toBe(0);
    });
  });

  it('works when many do it at once, each with settings of its own', async () => {
    await using other = await freshNats();
    const queues = Array.from({ length: 6 }, (_, i) =>
      openQueue({ url: other.url, ...options, maxBytes: (256 + i) * 1024 * 1024 }),
    );
    await Promise.all(queues.map((q) => q.prepare()));
    await Promise.all(queues.map((q) => q.close()));
  });

  it('changes settings that can be changed, and reports those that cannot', async () => {
    await using nats = await freshNats();
    await using stack = new AsyncDisposableStack();
    const queue = stack.adopt(openQueue({ url: nats.url, ...options }), (opened) => opened.close());
    await queue.prepare();
    const larger = openQueue({ url: nats.url, ...options, maxBytes: 512 * 1024 * 1024 });
    await larger.prepare();
    await askDirectly(nats.url, async (jsm) => {
      // Greater than the setting, because of the reserve below the limit of the server.
      expect((await jsm.streams.info('ACTIVITY')).config.max_bytes).toBe(576 * 1024 * 1024);
      await jsm.streams.delete('ACTIVITY');
      await jsm.streams.add({ name: 'ACTIVITY', subjects: ['activity.*'] });
    });
    await expect(larger.prepare()).rejects.toThrow(QueueMisconfiguredError);
    await expect(larger.prepare()).rejects.toThrow(/ACTIVITY: retention is "limits", not "workqueue"/);
    await larger.close();
  });
});
