import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { backoffMs, ConfigError, jittered, type Logger } from '@rookery/runtime';
import { fetchIfChanged } from './fetch-if-changed.ts';

/** Location of the supergraph, and of the last good one. */
export interface SupergraphLocation {
  /** A file, or an http(s) address that answers with the SDL (and, better, an ETag): a registry's, say. */
  readonly from: string;
  /**
   * Headers of the requests to that address, such as credentials. They are not sent to another origin after a
   * redirect.
   */
  readonly headers?: Readonly<Record<string, string>>;
  /** File of the last good supergraph, for a start while `from` is unavailable; undefined keeps none. */
  readonly lastGood?: string | undefined;
  /** Polling interval, to which jitter is added. */
  readonly pollIntervalMs: number;
}

/** Longest supergraph, in bytes, and longest wait for it, in milliseconds. */
const maxBytes = 16 * 1024 * 1024;
const timeoutMs = 5_000;
/** Looks that fail are made more seldom, up to so many times the pause. */
const slowest = 8;

/** Reads the SDL; undefined if it has not changed since the last read. */
type Look = () => Promise<string | undefined>;

/** Returns whether the supergraph comes over HTTP, and not from a file. */
export const isAddress = (from: string): boolean => /^https?:/.test(from);

const inFile = (path: string): Look => {
  let seen = '';
  return async () => {
    const { mtimeMs, size, ino } = await stat(path);
    const now = `${mtimeMs} ${size} ${ino}`;
    if (now === seen) return undefined;
    const text = await readFile(path, 'utf8');
    seen = now;
    return text;
  };
};

const atUrl = (url: string, credentials: Readonly<Record<string, string>> = {}): Look => {
  let etag: string | undefined;
  return async () => {
    const accept = 'text/plain, application/graphql';
    const what = 'supergraph';
    const fetched = await fetchIfChanged(url, { what, accept, etag, credentials, maxBytes, timeoutMs });
    if (fetched === undefined) return undefined;
    etag = fetched.etag;
    return fetched.text;
  };
};

/** Brings each new supergraph to whoever serves it, and remembers the last one that was good. */
export class SupergraphSource implements Disposable {
  readonly #location: SupergraphLocation;
  readonly #look: Look;
  readonly #log: Logger;
  readonly #stopped = new AbortController();

  constructor(location: SupergraphLocation, log: Logger) {
    this.#location = location;
    this.#log = log.child({ subsystem: 'supergraph' });
    const { from, headers } = location;
    this.#look = isAddress(from)
      ? atUrl(from, headers)
      : inFile(from.startsWith('file:') ? fileURLToPath(from) : from);
  }

  /**
   * Serves the first supergraph: that of its source, or the last good one if that is unavailable or invalid.
   * @throws ConfigError, or Error if neither can be served
   */
  async first(serve: (sdl: string) => Promise<unknown>): Promise<void> {
    try {
      await this.#serve((await this.#look()) ?? '', serve);
    } catch (error) {
      const { lastGood } = this.#location;
      if (lastGood === undefined) throw new ConfigError(`SUPERGRAPH is invalid: ${error}`);
      this.#log.error({ error }, 'no supergraph from its source: the last good one is served');
      await serve(await readFile(lastGood, 'utf8'));
    }
  }

  /** Goes on looking until disposed. A supergraph that can't be served changes nothing, and is logged. */
  async follow(
    serve: (sdl: string) => Promise<unknown>,
    outcome: (what: 'replaced' | 'refused' | 'unreachable') => void,
  ) {
    const { pollIntervalMs: firstMs } = this.#location;
    const backoff = { firstMs, maxMs: firstMs * slowest, jitter: 'none' } as const;
    let failures = 0;
    for (;;) {
      await sleep(jittered(backoffMs(failures + 1, backoff), 0.2), undefined, {
        signal: this.#stopped.signal,
        ref: false,
      }).catch(() => {});
      if (this.#stopped.signal.aborted) return;
      let sdl: string | undefined;
      try {
        sdl = await this.#look();
        failures = 0;
      } catch (error) {
        failures++;
        outcome('unreachable');
        this.#log.warn({ error }, 'failed to fetch the supergraph; serving the last good one');
      }
      if (sdl === undefined) continue;
      try {
        await this.#serve(sdl, serve);
        outcome('replaced');
        this.#log.info('a new supergraph is served');
      } catch (error) {
        outcome('refused');
        this.#log.error({ error }, 'a supergraph was refused: the last good one is served on');
      }
    }
  }

  [Symbol.dispose](): void {
    this.#stopped.abort();
  }

  async #serve(sdl: string, serve: (sdl: string) => Promise<unknown>): Promise<void> {
    await serve(sdl);
    const { lastGood } = this.#location;
    if (lastGood === undefined) return;
    try {
      // Never half of one, whatever happens meanwhile.
      await writeFile(`${lastGood}.new`, sdl);
      await rename(`${lastGood}.new`, lastGood);
    } catch (error) {
      this.#log.warn({ error }, 'the last good supergraph is not kept');
    }
  }
}
