import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@rookery/runtime';
import { gatewayHeader } from '@rookery/subgraph-auth';
import { request } from 'undici';
import { z } from 'zod';
import type { Session } from './authenticate.ts';
import type { InternalTokens } from './internal-tokens.ts';

export interface RevocationsOptions {
  /** Address of the list; undefined: nothing is ever revoked. */
  readonly url: string | undefined;
  readonly tokens: InternalTokens;
  /** Called after each look at the list. */
  readonly onLook: () => void;
  readonly log: Logger;
}

const page = z.object({
  cursor: z.string(),
  more: z.boolean(),
  revoked: z.array(
    z.object({
      sid: z.string().optional(),
      sub: z.string().optional(),
      notBefore: z.number(),
      expires: z.number(),
    }),
  ),
});

/** Name of the subgraph that serves the list. */
const servedBy = 'mutation';
/** Polling interval in milliseconds: a revocation reaches every gateway within twice this time. */
const pollIntervalMs = 1_000;
/** Longest wait for a part of the list. */
const timeoutMs = 800;

/** Longest wait for the first reading of the list, in milliseconds, and the pause between two tries. */
const firstReadMs = 5_000;
const retryMs = 100;

interface User {
  readonly notBefore: number;
  readonly expires: number;
}

/**
 * Sessions that were revoked before their tokens expire: logged out, password changed, account suspended. The
 * list is polled every second; while it is unavailable, known revocations stay in force.
 */
export class Revocations implements Disposable {
  readonly #options: RevocationsOptions;
  readonly #sessions = new Map<string, number>();
  readonly #users = new Map<string, User>();
  readonly #stop = new AbortController();
  #cursor = '0';
  #away = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RevocationsOptions) {
    this.#options = options;
  }

  /**
   * Reads the list and goes on reading it. Resolves once it has been read, so that no token that was revoked before is
   * accepted; or after a few seconds, because reads must go on while the list is unavailable.
   */
  async start(): Promise<void> {
    if (this.#options.url === undefined) return;
    const until = performance.now() + firstReadMs;
    while (!(await this.#look()) && performance.now() < until) await delay(retryMs);
    this.#goOn();
  }

  #goOn(): void {
    if (this.#stop.signal.aborted) return;
    this.#timer = setTimeout(() => void this.#look().then(() => this.#goOn()), pollIntervalMs).unref();
  }

  isRevoked({ id, viewer, issuedAt }: Session): boolean {
    if (id !== undefined && this.#sessions.has(id)) return true;
    const user = this.#users.get(viewer);
    return user !== undefined && issuedAt <= user.notBefore;
  }

  /** Those that are known. */
  get size(): number {
    return this.#sessions.size + this.#users.size;
  }

  /** Returns whether all of the list could be read, or need not be any more. */
  async #look(): Promise<boolean> {
    const { url, onLook, log } = this.#options;
    try {
      while (await this.#next(url ?? '')) {}
      if (this.#away) log.info('the list of revocations is back');
      this.#away = false;
    } catch (error) {
      if (this.#stop.signal.aborted) return true;
      if (!this.#away)
        log.warn({ error }, 'failed to fetch the list of revocations; known ones stay in force');
      this.#away = true;
    }
    this.#forget();
    onLook();
    return !this.#away;
  }

  /** @returns whether there is more */
  async #next(url: string): Promise<boolean> {
    const { tokens } = this.#options;
    const { statusCode, body } = await request(url, {
      query: { after: this.#cursor },
      headers: { [gatewayHeader]: tokens.forReads(servedBy, { viewer: null }) },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(timeoutMs)]),
    });
    if (statusCode !== 200) {
      await body.dump();
      throw new Error(`status ${statusCode}`);
    }
    const { cursor, more, revoked } = page.parse(await body.json());
    for (const { sid, sub, notBefore, expires } of revoked) {
      if (sid !== undefined) this.#sessions.set(sid, expires);
      else if (sub !== undefined) this.#users.set(sub, { notBefore, expires });
    }
    this.#cursor = cursor;
    return more;
  }

  #forget(): void {
    const now = Date.now();
    for (const [id, expires] of this.#sessions) if (expires < now) this.#sessions.delete(id);
    for (const [id, { expires }] of this.#users) if (expires < now) this.#users.delete(id);
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
    clearTimeout(this.#timer);
  }
}
