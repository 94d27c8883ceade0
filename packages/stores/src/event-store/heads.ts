import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { jetstream } from '@nats-io/jetstream';
import { type KV, Kvm } from '@nats-io/kv';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { ConfigError, type Logger } from '@rookery/service';
import { z } from 'zod';

const publishedHead = z.strictObject({
  position: z.int().min(1),
  /** Hexadecimal. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** ISO 8601 instant. */
  at: z.iso.datetime({ precision: 3 }),
});

/** Where the chain ended at some time, as it was told to somebody else. */
export type PublishedHead = z.infer<typeof publishedHead>;

/** A place apart from the event store, where heads are only ever added. */
export interface Heads {
  publish(head: PublishedHead): Promise<void>;
  /** All of them. */
  read(): Promise<PublishedHead[]>;
  close(): Promise<void>;
}

/**
 * Opens the place that the address names: `file:///path` is a file of JSON lines, `nats://host:port/bucket` a
 * key-value bucket in which each position is a key of its own.
 * @throws ConfigError
 */
export const openHeads = (url: string, { log }: { readonly log: Logger }): Heads => {
  if (url.startsWith('file:///')) return inFile(fileURLToPath(url));
  const { protocol, pathname, host } = new URL(url);
  const bucket = pathname.slice(1);
  if (/^(nats|tls):$/.test(protocol) && /^[\w-]+$/.test(bucket)) {
    return inBucket(`${protocol}//${host}`, bucket, log);
  }
  throw new ConfigError('AUDIT_HEADS_URL must be file:///path or nats://host:port/bucket');
};

const inFile = (path: string): Heads => ({
  async publish(head) {
    await mkdir(dirname(path), { recursive: true });
    await appendFile(path, `${JSON.stringify(head)}\n`, { flush: true });
  },
  async read() {
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => publishedHead.parse(JSON.parse(line)));
  },
  close: async () => {},
});

const inBucket = (servers: string, bucket: string, log: Logger): Heads => {
  let opened: Promise<{ connection: NatsConnection; kv: KV }> | undefined;
  const open = () => {
    opened ??= (async () => {
      const connection = await connect({ servers, timeout: 2_000, maxReconnectAttempts: -1 });
      // Never updated and never expiring: one entry is one key.
      return { connection, kv: await new Kvm(jetstream(connection)).create(bucket, { history: 1 }) };
    })();
    opened.catch((error) => {
      log.debug({ error }, 'the bucket of heads is not there');
      opened = undefined;
    });
    return opened;
  };
  return {
    async publish(head) {
      const { kv } = await open();
      await kv.create(String(head.position), JSON.stringify(head)).catch(async (error: unknown) => {
        // Told before, by this process or the one before it.
        if (!(await kv.get(String(head.position)))) throw error;
      });
    },
    async read() {
      const { kv } = await open();
      const all: PublishedHead[] = [];
      for await (const key of await kv.keys()) {
        const entry = await kv.get(key);
        if (entry) all.push(publishedHead.parse(entry.json()));
      }
      return all;
    },
    async close() {
      await (await opened?.catch(() => undefined))?.connection.close();
    },
  };
};
