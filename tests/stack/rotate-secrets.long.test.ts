import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/clients/client.ts';
import { until } from '../support/eventually.ts';
import { type ComposeSystem, startCompose } from './compose-system.ts';

/**
 * Returns whether a read waited too long for one of the connections, of which a busy machine has too few for a moment. A read whose
 * password is refused fails with another code, since Postgres has answered.
 */
const isLate = (
  query: string,
  errors: readonly { readonly extensions: Record<string, unknown> }[],
): boolean =>
  !query.startsWith('mutation') &&
  errors.every(({ extensions }) => extensions.code === 'SERVICE_UNAVAILABLE');

/** Sends requests of every kind that needs a secret, until it is stopped, and collects the refusals. */
class Load {
  readonly refused: string[] = [];
  answered = 0;
  readonly #url: string;
  readonly #handle: string;
  readonly #client: Client;
  readonly #cursor: () => string;
  readonly #stopped = new AbortController();
  readonly #workers: Promise<void>[] = [];

  constructor(url: string, handle: string, client: Client, cursor: () => string) {
    this.#url = url;
    this.#handle = handle;
    this.#client = client;
    this.#cursor = cursor;
  }

  /** @param only the one kind of request to send; the first three in turn if undefined */
  start(workers: number, only?: number): void {
    for (let i = 0; i < workers; i++) this.#workers.push(this.#work(i, only));
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#workers);
  }

  /** Resolves once so many more requests have been answered. */
  more(count: number): Promise<true> {
    const wanted = this.answered + count;
    return until(`${count} more answers`, () => this.answered >= wanted);
  }

  /** Sends many different reads at once, more than there are connections to the documents. */
  async flood(): Promise<void> {
    await Promise.all(
      Array.from({ length: 45 }, (_, i) =>
        this.#send(`{ myFeed(first: ${i + 1}) { edges { node { id post { id } } } } }`),
      ),
    );
  }

  async #work(worker: number, only?: number): Promise<void> {
    for (let round = worker; !this.#stopped.signal.aborted; round++) {
      const kind = only ?? round % 3;
      // Queue and, by the answer's post, documents; documents and Redis; the cursor; the accounts in Postgres.
      if (kind === 0) await this.#send('mutation { publishPost(input: { body: "again" }) { post { id } } }');
      else if (kind === 1) await this.#send('{ friendsFeed(first: 5) { edges { cursor } } }');
      else if (kind === 2)
        await this.#send('query ($after: String) { myFeed(first: 5, after: $after) { edges { cursor } } }', {
          after: this.#cursor(),
        });
      else
        await this.#send(
          'mutation ($input: LogInInput!) { logIn(input: $input) { token } }',
          { input: { handle: this.#handle, password: `${this.#handle} secret` } },
          new Client(this.#url),
        );
    }
  }

  async #send(query: string, variables: Record<string, unknown> = {}, client = this.#client): Promise<void> {
    try {
      const { status, errors } = await client.send(query, variables);
      if (status !== 200 || (errors && !isLate(query, errors)))
        this.refused.push(`${query}: ${status} ${JSON.stringify(errors)}`);
    } catch (error) {
      this.refused.push(`${query}: ${error}`);
    }
    this.answered++;
  }
}

describe('secrets are replaced under load, and no request is refused', { timeout: 240_000 }, () => {
  let system: ComposeSystem;
  let client: Client;
  let load: Load;
  let cursor = '';
  beforeAll(async () => {
    // Tests come from one address, and log in often.
    system = await startCompose({ RATE_LIMIT_USER: '0', RATE_LIMIT_ADDRESS: '0', RATE_LIMIT_FIELDS: 'off' });
    const { signUp } = await new Client(system.gatewayUrl).ask<{ signUp: { token: string } }>(
      'mutation ($input: SignUpInput!) { signUp(input: $input) { token } }',
      { input: { handle: 'ada', name: 'Ada', password: 'ada secret' } },
    );
    client = new Client(system.gatewayUrl, signUp.token);
    for (let i = 0; i < 10; i++)
      await client.ask('mutation { publishPost(input: { body: "first" }) { post { id } } }');
    cursor = await newCursor();
    load = new Load(system.gatewayUrl, 'ada', client, () => cursor);
    load.start(2);
    await load.more(20);
  });
  afterAll(async () => {
    await load.stop();
    await system[Symbol.asyncDispose]();
  });

  const newCursor = () =>
    until('a page', async () => {
      const { myFeed } = await client.ask<{ myFeed: { edges: { cursor: string }[] } }>(
        '{ myFeed(first: 1) { edges { cursor } } }',
      );
      return myFeed.edges[0]?.cursor;
    });
  const rotate = async (secret: string, step: string): Promise<void> => {
    expect(await system.run('keys', ['deploy/rotate-keys.mjs', secret, step])).toMatchObject({ code: 0 });
  };
  const entries = (secret: string): string[] =>
    readFileSync(system.path(`/keys/${secret}`), 'utf8')
      .trim()
      .split('\n');
  const passwordOf = (entry = ''): string => entry.slice(entry.indexOf(':') + 1);
  const expectNothingRefused = async (): Promise<void> => {
    await load.more(40);
    expect(load.refused.splice(0)).toEqual([]);
  };

  it('the secret of the cursors', async () => {
    const taken = (count: number) =>
      until(
        'the query subgraph to take it',
        () =>
          system
            .log('query')
            .split('\n')
            .filter((line) => line.includes('secrets read again')).length >= count,
      );
    const old = cursor;
    await rotate('cursor', 'add');
    await taken(1);
    await load.more(20);
    await rotate('cursor', 'use');
    await taken(2);
    // Both hold; clients get new ones with each page.
    await load.more(20);
    cursor = await newCursor();
    await load.more(4);
    await rotate('cursor', 'drop');
    await taken(3);
    await expectNothingRefused();
    const ended = await client.send('query ($after: String) { myFeed(after: $after) { edges { cursor } } }', {
      after: old,
    });
    expect(ended.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });

  it('the password of Postgres, with connections that are opened all the while', async () => {
    const [old = ''] = entries('postgres');
    const connect = async (password: string): Promise<pg.Client> => {
      const admin = new pg.Client({
        connectionString: `postgres://rookery:${password}@127.0.0.1:${system.postgres.port}/rookery`,
      });
      await admin.connect();
      return admin;
    };
    const admin = await connect(passwordOf(old));
    try {
      await rotate('postgres', 'add');
      await load.more(20);
      const [, next = ''] = entries('postgres');
      const { rows } = await admin.query<{ now: Date }>('select clock_timestamp() as now');
      await admin.query(`alter role rookery password '${passwordOf(next)}'`);
      await expect(connect(passwordOf(old))).rejects.toMatchObject({ code: '28P01' });
      // More requests at once than there are connections: so new ones are opened, while the old password is listed first.
      // Not more logins than Node has threads for hashing, which connections to Postgres need as well.
      const burst = new Load(system.gatewayUrl, 'ada', client, () => cursor);
      burst.start(4, 3);
      const opened = (name: string) => async (): Promise<boolean> => {
        const found = await admin.query(
          'select from pg_stat_activity where application_name = $1 and backend_start > $2',
          [name, rows[0]?.now],
        );
        return (found.rowCount ?? 0) > 0;
      };
      await until('connections of the accounts', opened('rookery accounts'));
      await until('connections of the documents', async () => {
        await burst.flood();
        return opened('rookery documents')();
      });
      await rotate('postgres', 'use');
      await burst.more(50);
      await rotate('postgres', 'drop');
      await burst.more(50);
      await burst.stop();
      expect(burst.refused).toEqual([]);
    } finally {
      await admin.end();
    }
    expect(entries('postgres')).toHaveLength(1);
    await expectNothingRefused();
  });

  it('the password of Redis', async () => {
    const reload = async (password: string): Promise<void> => {
      const admin = new Redis({ port: system.redis.port, username: 'rookery', password, lazyConnect: true });
      await admin.connect();
      await admin.call('ACL', 'LOAD');
      admin.disconnect();
    };
    const [old = ''] = entries('redis');
    await rotate('redis', 'add');
    await reload(passwordOf(old));
    await rotate('redis', 'use');
    await load.more(20);
    const [next = ''] = entries('redis');
    await rotate('redis', 'drop');
    await reload(passwordOf(next));
    const { aclLog } = await reconnectAll(passwordOf(next));
    expect(aclLog).toEqual([]);
    await expectNothingRefused();
  });

  /** Ends every connection of the processes, and waits until they are back with the new password. */
  const reconnectAll = async (password: string): Promise<{ readonly aclLog: unknown[] }> => {
    const admin = new Redis({ port: system.redis.port, username: 'rookery', password, lazyConnect: true });
    await admin.connect();
    try {
      const count = async () =>
        String(await admin.call('CLIENT', 'LIST'))
          .split('\n')
          .filter((line) => line.includes('user=rookery')).length;
      const before = await count();
      await admin.call('ACL', 'LOG', 'RESET');
      await admin.call('CLIENT', 'KILL', 'USER', 'rookery', 'SKIPME', 'yes');
      await until('the processes to connect again', async () => (await count()) >= before);
      return { aclLog: (await admin.call('ACL', 'LOG')) as unknown[] };
    } finally {
      admin.disconnect();
    }
  };

  it('the user of NATS', async () => {
    const connections = async (): Promise<readonly string[]> => {
      const response = await fetch(`${system.nats.monitorUrl}/connz?auth=true`);
      const { connections: all } = (await response.json()) as { connections: { authorized_user: string }[] };
      return all.map(({ authorized_user }) => authorized_user);
    };
    const userOf = (entry = ''): string => entry.slice(0, entry.indexOf(':'));
    const [old] = entries('nats');
    expect(new Set(await connections())).toEqual(new Set([userOf(old)]));
    const publishers = new Load(system.gatewayUrl, 'ada', client, () => cursor);
    publishers.start(8, 0);
    await rotate('nats', 'add');
    system.nats.child.kill('SIGHUP');
    await load.more(20);
    await rotate('nats', 'use');
    const [next] = entries('nats');
    // Mutation, query, recorder and projector.
    await until(
      'new connections',
      async () => (await connections()).filter((user) => user === userOf(next)).length >= 4,
    );
    await load.more(20);
    await rotate('nats', 'drop');
    system.nats.child.kill('SIGHUP');
    await until('the old user to be gone', async () =>
      (await connections()).every((user) => user === userOf(next)),
    );
    await publishers.more(100);
    await publishers.stop();
    expect(publishers.refused).toEqual([]);
    await expectNothingRefused();
    // Consumers moved, too: what is written still arrives.
    const body = `after ${Date.now()}`;
    await client.ask('mutation ($body: String!) { publishPost(input: { body: $body }) { post { id } } }', {
      body,
    });
    await until('the post in the feed', async () => {
      const { myFeed } = await client.ask<{
        myFeed: { edges: { node: { post: { body: string } | null } }[] };
      }>('{ myFeed(first: 20) { edges { node { post { body } } } } }');
      return myFeed.edges.some(({ node }) => node.post?.body === body);
    });
  });

  it('refuses a step that is out of order', async () => {
    for (const [secret, step, line] of [
      ['redis', 'use', 'redis: there is only one secret: begin with "add"'],
      ['redis', 'drop', 'redis: there is only one secret: begin with "add"'],
    ] as const)
      expect(await system.run('keys', ['deploy/rotate-keys.mjs', secret, step])).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(line),
      });
    await rotate('mongo', 'add');
    expect(await system.run('keys', ['deploy/rotate-keys.mjs', 'mongo', 'add'])).toMatchObject({ code: 1 });
    expect(await system.run('keys', ['deploy/rotate-keys.mjs', 'gateway', 'add'])).toMatchObject({ code: 2 });
  });
});
