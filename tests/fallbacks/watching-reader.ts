import { setTimeout } from 'node:timers/promises';
import { Client, type LiveReader } from '../support/clients/client.ts';
import type { Account, System } from '../support/index.ts';

interface LiveItem {
  readonly friendsFeed: { readonly node: { readonly post: { readonly body: string } } };
}
interface Page {
  readonly friendsFeed: {
    readonly edges: readonly { readonly node: { readonly post: { readonly body: string } } }[];
  } | null;
  readonly user: { readonly id: string } | null;
}

const page = `query ($id: ID!) { user(id: $id) { id }
  friendsFeed(first: 5) { edges { node { post { body } } } } }`;

/** Observations of a reader who kept reading. Times in milliseconds. */
export interface Seen {
  reads: number;
  stale: number;
  errors: string[];
  /** Answers that showed nothing although there was something. */
  empty: number;
  longest: number;
}

const nothing = (): Seen => ({ reads: 0, stale: 0, errors: [], empty: 0, longest: 0 });

/** A person who reads a friends feed again and again, and listens to it all the while. */
export class WatchingReader implements AsyncDisposable {
  /** Bodies in the order of their delivery. */
  readonly delivered: string[] = [];
  readonly #client: Client;
  readonly #live: LiveReader<LiveItem>;
  readonly #friend: string;
  #seen = nothing();
  #stopped = false;
  #running: Promise<unknown> = Promise.resolve();

  constructor(system: System, account: Account, friend: string) {
    this.#client = new Client(system.gatewayUrl, account.token);
    this.#friend = friend;
    this.#live = this.#client.live<LiveItem>(
      'subscription { friendsFeed { cursor node { post { body } } } }',
      {},
    );
  }

  start(): void {
    this.#running = Promise.all([this.#read(), this.#listen()]);
  }

  /** Returns the observations since the last call. */
  take(): Seen {
    const seen = this.#seen;
    this.#seen = nothing();
    return seen;
  }

  async #read(): Promise<void> {
    while (!this.#stopped) {
      const began = performance.now();
      const { data, errors, extensions } = await this.#client.send<Page>(page, { id: this.#friend });
      const seen = this.#seen;
      seen.reads += 1;
      seen.longest = Math.max(seen.longest, Math.round(performance.now() - began));
      if (extensions?.stale) seen.stale += 1;
      if (errors) seen.errors.push(...errors.map(({ extensions: { code } }) => String(code)));
      else if (!data?.user || !data.friendsFeed || data.friendsFeed.edges.length === 0) seen.empty += 1;
      await setTimeout(40);
    }
  }

  async #listen(): Promise<void> {
    while (!this.#stopped) {
      const item = await this.#live.next(3_600_000).catch((error: unknown) => {
        if (!this.#stopped) throw error;
      });
      if (item) this.delivered.push(item.friendsFeed.node.post.body);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    await this.#live[Symbol.asyncDispose]();
    await this.#running;
  }
}
