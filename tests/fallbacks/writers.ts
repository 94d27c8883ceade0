import { newId } from '@rookery/runtime';
import { Client } from '../support/clients/client.ts';
import { eventually } from '../support/eventually.ts';
import type { Account, System } from '../support/index.ts';

/** Outcome of one write, as its client saw it. */
export interface Write {
  readonly body: string;
  /** Id of the post if it was accepted, otherwise the code of the error. */
  readonly outcome: { readonly id: string } | { readonly code: string; readonly retryAfter: unknown };
  /** Milliseconds. */
  readonly took: number;
}

const publish = `mutation ($input: PublishPostInput!) {
  publishPost(input: $input) { activity { id status } post { id } } }`;

/** A person who posts through the gateway, and remembers what was accepted. */
export class Writer {
  readonly accepted = new Map<string, string>();
  readonly #client: Client;
  readonly #account: Account;

  constructor(system: System, account: Account) {
    this.#client = new Client(system.gatewayUrl, account.token);
    this.#account = account;
  }

  async write(key = newId()): Promise<Write> {
    const body = `post ${key}`;
    const began = performance.now();
    const { data, errors } = await this.#client.send<{ publishPost: { activity: { id: string } } | null }>(
      publish,
      {
        input: { body, idempotencyKey: key },
      },
    );
    const took = performance.now() - began;
    const id = data?.publishPost?.activity.id;
    if (id === undefined) {
      const { code, retryAfter } = errors?.[0]?.extensions ?? {};
      return { body, outcome: { code: String(code), retryAfter }, took };
    }
    this.accepted.set(id, body);
    return { body, outcome: { id }, took };
  }

  /** Writes so many, one after the other; each must be accepted. @returns the longest wait, in milliseconds */
  async writeMany(count: number): Promise<number> {
    let longest = 0;
    for (let i = 0; i < count; i++) {
      const { outcome, took } = await this.write();
      if ('code' in outcome) throw new Error(`refused with ${outcome.code} after ${Math.round(took)} ms`);
      longest = Math.max(longest, took);
    }
    return longest;
  }

  /** The bodies of the writer's own feed, the newest first. */
  async feed(): Promise<string[]> {
    const bodies: string[] = [];
    let after: string | null = null;
    do {
      const { myFeed }: { myFeed: Feed } = await this.#client.ask(
        'query ($after: String) { myFeed(first: 100, after: $after) { edges { node { post { body } } } pageInfo { hasNextPage endCursor } } }',
        { after },
      );
      bodies.push(...myFeed.edges.map(({ node }) => node.post.body));
      after = myFeed.pageInfo.hasNextPage ? myFeed.pageInfo.endCursor : null;
    } while (after !== null);
    return bodies;
  }

  /** Resolves once the feed shows everything that was accepted, once each. @returns after how many milliseconds */
  async seesAll(within = 30_000): Promise<number> {
    const began = performance.now();
    const wanted = [...this.accepted.values()].sort();
    await eventually(async () => JSON.stringify((await this.feed()).sort()) === JSON.stringify(wanted), {
      within,
      what: `the feed of ${this.#account.handle} with ${wanted.length} posts`,
    });
    return performance.now() - began;
  }
}

interface Feed {
  readonly edges: readonly { readonly node: { readonly post: { readonly body: string } } }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}
