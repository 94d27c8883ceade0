import { readFileSync } from 'node:fs';
import { connect } from '@nats-io/transport-node';
import { processNames } from '@rookery/stack';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/clients/client.ts';
import { until } from '../support/eventually.ts';
import { type ComposeSystem, startCompose } from './compose-system.ts';

interface Status {
  readonly parts: readonly { readonly kind: string; readonly name: string; readonly ok: boolean }[];
  readonly streams: readonly { readonly stream: string; readonly state: string; readonly bytes: number }[];
}

/** The commands of compose.yaml, with its environment and its secrets. No container engine and no MongoDB are involved. */
describe('the services of compose.yaml', () => {
  let system: ComposeSystem;
  beforeAll(async () => {
    system = await startCompose();
  });
  afterAll(() => system[Symbol.asyncDispose]());

  const signUp = async (handle: string) => {
    const { signUp: made } = await new Client(system.gatewayUrl).ask<{ signUp: { token: string } }>(
      'mutation ($input: SignUpInput!) { signUp(input: $input) { token } }',
      { input: { handle, name: handle, password: `${handle} secret` } },
    );
    return new Client(system.gatewayUrl, made.token);
  };
  const status = async (): Promise<{ code: number; json: Status }> => {
    const { code, stdout } = await system.run('ops', ['status', '--json']);
    return { code, json: JSON.parse(stdout) as Status };
  };

  it('start with the secrets that the service keys made, and are healthy', async () => {
    for (const name of processNames) expect(await system.checkHealth(name), name).toMatchObject({ code: 0 });
    const client = await signUp('ada');
    const { publishPost } = await client.ask<{ publishPost: { post: { id: string } | null } }>(
      'mutation { publishPost(input: { body: "hello", idempotencyKey: "once" }) { post { id } } }',
    );
    expect(publishPost.post).not.toBeNull();
  });

  it('refuse whoever has no password', async () => {
    const nobody = new pg.Client({
      connectionString: `postgres://rookery:x@127.0.0.1:${system.postgres.port}/rookery`,
    });
    await expect(nobody.connect()).rejects.toMatchObject({ code: '28P01' });
    const redis = new Redis({ port: system.redis.port, lazyConnect: true, enableReadyCheck: false });
    // The health check of the container.
    expect(await redis.ping()).toBe('PONG');
    await expect(redis.get('x')).rejects.toThrow(/NOPERM/);
    redis.disconnect();
    const servers = new URL(system.env('recorder').NATS_URL ?? '').host;
    await expect(connect({ servers, reconnect: false })).rejects.toThrow(/authorization/i);
  });

  it('are found by ops status, each at its own address', async () => {
    await until('writes reach the feeds', async () => (await status()).code === 0);
    const { json } = await status();
    expect(json.parts.filter(({ kind }) => kind === 'process').map(({ name, ok }) => [name, ok])).toEqual(
      ['gateway', 'mutation', 'query', 'recorder', 'projector'].map((name) => [name, true]),
    );
    expect(json.streams.map(({ stream, state }) => [stream, state])).toEqual(
      ['ACTIVITY', 'RECORDED', 'ORDER', 'KV_idempotency'].map((stream) => [stream, 'ok']),
    );
    expect(json.streams.find(({ stream }) => stream === 'KV_idempotency')?.bytes).toBeGreaterThan(0);
  });

  it('are verified, backed up into the volume and restored by the service ops', async () => {
    expect(await system.run('ops', ['verify'])).toMatchObject({ code: 0 });
    expect(await system.run('ops', ['backup', '--to', '/backups/today'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+ events \(\d+ new\) of the primary store/),
    });
    expect(readFileSync(system.path('/backups/today/manifest.json'), 'utf8')).toContain('sha256');
    const empty = await system.createDatabase('restored');
    expect(
      await system.run('ops', ['restore', '--from', '/backups/today'], { POSTGRES_URL: empty }),
    ).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+ events \((?!0 new)\d+ new\)/),
    });
    // Into the database that a recorder writes it is refused.
    expect(await system.run('ops', ['restore', '--from', '/backups/today'])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('a recorder is writing to this event store: stop it first'),
    });
  });

  it('show which build they are', async () => {
    for (const name of processNames) {
      const text = await (await fetch(`${system.metricsUrls[name]}/metrics`)).text();
      expect(text).toMatch(
        /^rookery_build_info\{version="\d[^"]*",revision="unknown",node="24[^"]*",process="\w+"\} 1$/m,
      );
    }
  });

  it('are reported by name if one is down', async () => {
    await system.stop('projector');
    const { code, json } = await status();
    expect(code).toBe(1);
    expect(json.parts.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(['projector']);
  });
});
