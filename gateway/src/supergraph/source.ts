import { readFile, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { backoffMs, ConfigError, jittered, type Logger } from '@rookery/runtime';
import { fetchIfChanged } from './fetch-if-changed.ts';
import { LastGoodFile } from './last-good-file.ts';

/** A supergraph that may be served. */
export interface OpenedSupergraph {
  readonly sdl: string;
  /** Number of the launch in a registry; undefined for a supergraph without a signature. */
  readonly launch?: number;
  /** Notes that it is served, after which no earlier one opens. */
  readonly accept: () => void;
}

/** Decides whether a text is a supergraph that may be served. */
export interface SupergraphSeal {
  /** @throws Error if it must not be served */
  readonly open: (text: string) => Promise<OpenedSupergraph>;
}

/** End of an attempt to serve a supergraph. */
export interface SupergraphOutcome {
  readonly what: 'replaced' | 'refused' | 'unreachable';
  readonly launch?: number | undefined;
  /** Why it was refused. */
  readonly error?: unknown;
}

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
  /** Verifies each supergraph, also the last good one; undefined: none is signed. */
  readonly seal?: SupergraphSeal | undefined;
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

/** Without signatures, every text is worth a try. */
const unsealed: SupergraphSeal = { open: async (sdl) => ({ sdl, accept: () => {} }) };

/** Brings each new supergraph to whoever serves it, and remembers the last one that was good. */
export class SupergraphSource implements AsyncDisposable {
  readonly #location: SupergraphLocation;
  readonly #look: Look;
  readonly #log: Logger;
  readonly #seal: SupergraphSeal;
  readonly #lastGood: LastGoodFile;
  readonly #stopped = new AbortController();
  #pause = new AbortController();
  /** Text that the seal refused. It is tried again, since a key may arrive later; the source calls it unchanged. */
  #unopened: { readonly text: string; readonly reason: string } | undefined;

  constructor(location: SupergraphLocation, log: Logger) {
    this.#location = location;
    this.#log = log.child({ subsystem: 'supergraph' });
    this.#seal = location.seal ?? unsealed;
    this.#lastGood = new LastGoodFile(location.lastGood);
    const { from, headers } = location;
    this.#look = isAddress(from)
      ? atUrl(from, headers)
      : inFile(from.startsWith('file:') ? fileURLToPath(from) : from);
  }

  /**
   * Serves the first supergraph: that of its source, or the last good one if that is unavailable or invalid.
   * @throws ConfigError, or Error if neither can be served
   */
  async first(
    serve: (sdl: string) => Promise<unknown>,
    outcome: (outcome: SupergraphOutcome) => void = () => {},
  ): Promise<void> {
    const { lastGood } = this.#location;
    const kept = await this.#openLastGood();
    kept?.accept();
    let text: string | undefined;
    let opened: OpenedSupergraph | undefined;
    try {
      text = (await this.#look()) ?? '';
      opened = await this.#open(text);
      await this.#serve(text, opened, serve);
      outcome({ what: 'replaced', launch: opened.launch });
    } catch (error) {
      if (lastGood === undefined) throw new ConfigError(`SUPERGRAPH is invalid: ${error}`);
      this.#log.error({ error }, 'no supergraph from its source: the last good one is served');
      outcome({ what: text === undefined ? 'unreachable' : 'refused', launch: opened?.launch, error });
      if (kept === undefined) throw error;
      await serve(kept.sdl);
      outcome({ what: 'replaced', launch: kept.launch });
    }
  }

  /** Looks at once, instead of at the next poll. */
  lookNow(): void {
    this.#pause.abort();
  }

  /** Goes on looking until disposed. A supergraph that can't be served changes nothing, and is logged. */
  async follow(serve: (sdl: string) => Promise<unknown>, outcome: (outcome: SupergraphOutcome) => void) {
    const { pollIntervalMs: firstMs } = this.#location;
    const backoff = { firstMs, maxMs: firstMs * slowest, jitter: 'none' } as const;
    let failures = 0;
    for (;;) {
      await sleep(jittered(backoffMs(failures + 1, backoff), 0.2), undefined, {
        signal: AbortSignal.any([this.#stopped.signal, this.#pause.signal]),
        ref: false,
      }).catch(() => {});
      if (this.#stopped.signal.aborted) return;
      // A call of `lookNow` from here on is for the next round.
      this.#pause = new AbortController();
      let text: string | undefined;
      const before = this.#unopened;
      try {
        text = (await this.#look()) ?? before?.text;
        failures = 0;
      } catch (error) {
        failures++;
        outcome({ what: 'unreachable' });
        this.#log.warn({ error }, 'failed to fetch the supergraph; serving the last good one');
      }
      if (text === undefined) continue;
      let opened: OpenedSupergraph | undefined;
      try {
        opened = await this.#open(text);
        await this.#serve(text, opened, serve);
        outcome({ what: 'replaced', launch: opened.launch });
        this.#log.info({ launch: opened.launch }, 'a new supergraph is served');
      } catch (error) {
        if (before?.text === text && before.reason === this.#unopened?.reason) continue;
        outcome({ what: 'refused', launch: opened?.launch, error });
        this.#log.error({ error }, 'a supergraph was refused: the last good one is served on');
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped.abort();
    await this.#lastGood[Symbol.asyncDispose]();
  }

  async #open(text: string): Promise<OpenedSupergraph> {
    this.#unopened = undefined;
    try {
      return await this.#seal.open(text);
    } catch (error) {
      this.#unopened = { text, reason: String(error) };
      throw error;
    }
  }

  /** Returns the last good supergraph; undefined if there is none, or if its signature is wrong. */
  async #openLastGood(): Promise<OpenedSupergraph | undefined> {
    const text = await this.#lastGood.read();
    if (text === undefined) return undefined;
    try {
      return await this.#seal.open(text);
    } catch (error) {
      const { lastGood } = this.#location;
      this.#log.error({ error, lastGood }, 'the last good supergraph is refused');
      return undefined;
    }
  }

  async #serve(
    text: string,
    { sdl, accept }: OpenedSupergraph,
    serve: (sdl: string) => Promise<unknown>,
  ): Promise<void> {
    await serve(sdl);
    accept();
    await this.#lastGood
      .keep(text)
      .catch((error) => this.#log.warn({ error }, 'the last good supergraph is not kept'));
  }
}
