import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { jetstream } from '@nats-io/jetstream';
import { type KV, Kvm } from '@nats-io/kv';
import { connect, errors, type NatsConnection } from '@nats-io/transport-node';
import { isStreamNotFound, NatsAddress } from '@rookery/message-queue';
import { ConfigError, type Logger } from '@rookery/runtime';
import { z } from 'zod';

const publishedHead = z.strictObject({
  position: z.int().min(1),
  /** Hexadecimal. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** ISO 8601 instant. */
  at: z.iso.datetime({ precision: 3 }),
});

/** Head of the chain at some time, as it was published. */
export type PublishedHead = z.infer<typeof publishedHead>;

/** No heads were ever published at this address, or they were removed: an audit against them proves nothing. */
export class HeadsMissingError extends Error {
  override readonly name = 'HeadsMissingError';
  constructor(where: string, options?: ErrorOptions) {
    super(`no published heads at ${where}: check the address, or restore what was published there`, options);
  }
}

/** Location outside of the event store, to which heads are only added. */
export interface Heads {
  publish(head: PublishedHead): Promise<void>;
  /**
   * Returns all published heads. Never creates the file or bucket.
   * @throws HeadsMissingError if the file or bucket does not exist
   */
  read(): Promise<PublishedHead[]>;
  close(): Promise<void>;
}

/**
 * Opens the location of the address: `file:///path` is a file of JSON lines, `nats://host:port/bucket` a
 * key-value bucket with a key for each position.
 * @throws ConfigError
 */
export const openHeads = (url: string, { log }: { readonly log: Logger }): Heads => {
  if (url.startsWith('file:///')) return inFile(fileURLToPath(url));
  const { protocol = '', pathname = '', host = '' } = URL.parse(url) ?? {};
  const bucket = pathname.slice(1);
  if (/^(nats|tls):$/.test(protocol) && /^[\w-]+$/.test(bucket)) {
    return inBucket({ address: new NatsAddress(url), host, bucket, log });
  }
  throw new ConfigError(
    'the address of published heads (--heads, AUDIT_HEADS_URL) must be file:///path or nats://host:port/bucket',
  );
};

const inFile = (path: string): Heads => ({
  async publish(head) {
    await mkdir(dirname(path), { recursive: true });
    await appendFile(path, `${JSON.stringify(head)}\n`, { flush: true });
  },
  async read() {
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'ENOENT' ? new HeadsMissingError(path, { cause: error }) : error;
    });
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => publishedHead.parse(JSON.parse(line)));
  },
  close: async () => {},
});

interface Bucket {
  readonly address: NatsAddress;
  /** For messages: the address itself may hold a password. */
  readonly host: string;
  readonly bucket: string;
  readonly log: Logger;
}

const inBucket = ({ address, host, bucket, log }: Bucket): Heads => {
  let connected: Promise<NatsConnection> | undefined;
  let created: Promise<KV> | undefined;
  const connection = (): Promise<NatsConnection> => {
    connected ??= connect({
      ...address.options,
      timeout: 2_000,
      maxReconnectAttempts: -1,
      ignoreAuthErrorAbort: true,
    });
    connected.catch((error) => {
      if (error instanceof errors.AuthorizationError) address.refused();
      log.debug({ error, host }, 'failed to connect to the NATS server that holds the published heads');
      connected = undefined;
    });
    return connected;
  };
  const forWriting = (): Promise<KV> => {
    // Entries are never updated and never expire: one entry is one key.
    created ??= connection().then((nats) => new Kvm(jetstream(nats)).create(bucket, { history: 1 }));
    created.catch((error) => {
      log.debug({ error, bucket }, 'failed to create the bucket of published heads');
      created = undefined;
    });
    return created;
  };
  const forReading = async (): Promise<KV> => {
    const kv = await new Kvm(jetstream(await connection())).open(bucket);
    // `open` asks the server for nothing; `status` fails if there is no such bucket.
    await kv.status().catch((error: unknown) => {
      throw isStreamNotFound(error) ? new HeadsMissingError(`${host}/${bucket}`, { cause: error }) : error;
    });
    return kv;
  };
  return {
    async publish(head) {
      const kv = await forWriting();
      await kv.create(String(head.position), JSON.stringify(head)).catch(async (error: unknown) => {
        // Already published, by this process or the one before it.
        if (!(await kv.get(String(head.position)))) throw error;
      });
    },
    async read() {
      const kv = await forReading();
      const all: PublishedHead[] = [];
      for await (const key of await kv.keys()) {
        const entry = await kv.get(key);
        if (entry) all.push(publishedHead.parse(entry.json()));
      }
      return all;
    },
    async close() {
      await (await connected?.catch(() => undefined))?.close();
    },
  };
};
