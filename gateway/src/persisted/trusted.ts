import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { Logger } from '@rookery/runtime';
import { z } from 'zod';
import { fetchIfChanged } from '../supergraph/fetch-if-changed.ts';
import { LastGoodFile } from '../supergraph/last-good-file.ts';

/** Treatment of an operation outside of the manifest. */
export type TrustedMode = 'log' | 'refuse' | 'ids';

export interface TrustedDocumentsOptions {
  /** Path of a file, or an http(s) address. */
  readonly source: string;
  /** Headers of the requests to that address, such as credentials. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * `log`: it runs and is logged. `refuse`: it is refused. `ids`: known operations are also refused if their
   * text is sent instead of their id.
   */
  readonly mode: TrustedMode;
  /** File in which the last good manifest is kept, for a start while the source is unavailable; undefined: none. */
  readonly lastGood?: string | undefined;
  /** Polling interval of the source. */
  readonly refreshIntervalMs?: number;
  readonly log: Logger;
}

/** Apollo's persisted query manifest, format 1; an operation's id is whatever its maker chose, mostly a SHA-256. */
const manifest = z.object({
  format: z.literal('apollo-persisted-query-manifest'),
  version: z.literal(1),
  operations: z.array(z.object({ id: z.string().min(1), body: z.string().min(1) })),
});

interface Documents {
  readonly byId: ReadonlyMap<string, string>;
  readonly hashes: ReadonlySet<string>;
}

/** Longest wait for a manifest, in milliseconds, and the longest one, in bytes. */
const timeoutMs = 5_000;
const maxBytes = 64 * 1024 * 1024;

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * Operations that clients may send, from a manifest that is polled. If the manifest is unavailable or
 * invalid, the last good one stays in force; without any, the gateway does not start.
 */
export class TrustedDocuments implements AsyncDisposable {
  readonly mode: TrustedMode;
  readonly #options: TrustedDocumentsOptions;
  readonly #log: Logger;
  readonly #lastGood: LastGoodFile;
  #documents: Documents = { byId: new Map(), hashes: new Set() };
  /** Version of the source: an ETag, or time and size of the file. */
  #version: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @throws Error if the manifest is unavailable, and no earlier one is on disk */
  static async load(options: TrustedDocumentsOptions): Promise<TrustedDocuments> {
    const documents = new TrustedDocuments(options);
    await documents.#refresh().catch((error) => documents.#useLastGood(error));
    documents.#timer = setInterval(() => {
      documents
        .#refresh()
        .catch((error) => documents.#log.error({ error }, 'manifest refused; the last one stays in force'));
    }, options.refreshIntervalMs ?? 10_000).unref();
    return documents;
  }

  private constructor(options: TrustedDocumentsOptions) {
    this.mode = options.mode;
    this.#options = options;
    this.#lastGood = new LastGoodFile(options.lastGood);
    this.#log = options.log.child({ subsystem: 'trusted-documents' });
  }

  /** The text of a known id. */
  text(id: string): string | undefined {
    return this.#documents.byId.get(id);
  }

  /** Returns whether a text is exactly one of the manifest. */
  holds(text: string): boolean {
    return this.#documents.hashes.has(sha256(text));
  }

  /** Logs an unknown operation that is executed. */
  logUnknown(hash: string, operationName: string | undefined): void {
    this.#log.warn({ hash, operation: operationName }, 'unknown operation');
  }

  async #refresh(): Promise<void> {
    const found = /^https?:/.test(this.#options.source) ? await this.#fetch() : await this.#read();
    if (found === undefined) return;
    this.#put(found.text);
    this.#version = found.version;
    await this.#lastGood
      .keep(found.text)
      .catch((error) =>
        this.#log.error({ error }, 'failed to keep the manifest for a start without its source'),
      );
  }

  #put(text: string): void {
    const { operations } = manifest.parse(JSON.parse(text));
    this.#documents = {
      byId: new Map(operations.map(({ id, body }) => [id, body])),
      hashes: new Set(operations.map(({ body }) => sha256(body))),
    };
    this.#log.info({ operations: operations.length }, 'manifest in force');
  }

  /** @throws the error of the source if there is no earlier manifest */
  async #useLastGood(error: unknown): Promise<void> {
    const text = await this.#lastGood.read();
    if (text === undefined) throw error;
    this.#log.error({ error }, 'no manifest from its source: the last good one is in force');
    this.#put(text);
  }

  async #read(): Promise<{ text: string; version: string } | undefined> {
    const { mtimeMs, size } = await stat(this.#options.source);
    const version = `${mtimeMs} ${size}`;
    if (version === this.#version) return undefined;
    if (size > maxBytes) throw new Error(`the manifest has more than ${maxBytes} bytes`);
    return { text: await readFile(this.#options.source, 'utf8'), version };
  }

  async #fetch(): Promise<{ text: string; version: string | undefined } | undefined> {
    const { source, headers: credentials = {} } = this.#options;
    const fetched = await fetchIfChanged(source, {
      ...{ what: 'manifest', accept: 'application/json', etag: this.#version },
      ...{ credentials, maxBytes, timeoutMs },
    });
    return fetched && { text: fetched.text, version: fetched.etag };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#lastGood[Symbol.asyncDispose]();
  }
}
