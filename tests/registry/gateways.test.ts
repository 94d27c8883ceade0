import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gatewaySettings, optionsFrom } from '@rookery/gateway';
import { signSupergraph } from '@rookery/registry-protocol';
import { readConfig } from '@rookery/runtime';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway/gateway.ts';
import { notesSdl, peopleSdl } from '../support/gateway/network.ts';
import { type FreshServer, freshNats } from '../support/index.ts';
import { startStopwatch } from '../support/stopwatch.ts';
import { startRegistry, type TestRegistry } from './start-registry.ts';

let nats: FreshServer;
let registry: TestRegistry;
let dir: string;
let token: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'rookery-gateways-'));
  nats = await freshNats();
  registry = await startRegistry({ natsUrl: nats.url });
  token = await registry.token('read', 'report');
});
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await nats.stop();
  rmSync(dir, { recursive: true, force: true });
});

const hourMs = 3_600_000;

interface FleetMember {
  readonly environment: string;
  readonly lastGood?: string;
  readonly pollMs?: number;
  readonly keysFile?: string;
  readonly at?: string;
}

/** Starts a gateway whose settings name the registry, as those of its process do. */
const startMember = ({
  environment,
  lastGood,
  pollMs = hourMs,
  keysFile,
  at,
}: FleetMember): Promise<TestGateway> => {
  const { supergraph, registry: access } = optionsFrom(
    readConfig(gatewaySettings, {
      INTERNAL_KEY_FILE: '-',
      REDIS_URL: 'redis://127.0.0.1:1',
      REGISTRY_URL: at ?? registry.url,
      REGISTRY_ENVIRONMENT: environment,
      REGISTRY_TOKEN: token,
      REGISTRY_NATS_URL: nats.url,
      SUPERGRAPH_KEYS_FILE: keysFile ?? registry.keysFile,
      SUPERGRAPH_LAST_GOOD: lastGood,
      SUPERGRAPH_POLL: String(pollMs),
    }),
  );
  return startGateway({ supergraph: () => supergraph, options: { registry: access } });
};

const without = (field: string) => peopleSdl.replace(new RegExp(` ${field}: Int`), '');
const publish = async (people: string) =>
  (await registry.publish({ people, notes: notesSdl })).body as { version: number; composes: boolean };
const promote = async (environment: string, version: number) =>
  (await registry.ask(`/v1/environments/${environment}/promote`, { version, author: 'ada' })).body;
const rollback = async (environment: string) =>
  (await registry.ask(`/v1/environments/${environment}/rollback`, { author: 'ada', reason: 'test' })).body;
const currentLaunch = async (environment: string) =>
  (await registry.ask(`/v1/environments/${environment}/launches`)).body.launches[0];

const hasLimit = async (gateway: TestGateway) =>
  (await gateway.ask('{ me { noteLimit } }')).errors === undefined;
const replaced = (gateway: TestGateway) =>
  gateway.metric('rookery_gateway_supergraphs_total', { outcome: 'replaced' });

describe('a fleet', () => {
  test('swaps within 2 s of each launch, and publish, swap and rollback fail no request', async () => {
    const environment = 'fleet';
    const full = await publish(peopleSdl);
    await promote(environment, full.version);
    await using one = await startMember({ environment });
    await using other = await startMember({ environment });
    await using third = await startMember({ environment });
    const fleet = [one, other, third];
    const state = { over: false, asked: 0 };
    const failed: unknown[] = [];
    const asking = fleet.map(async (gateway) => {
      while (!state.over) {
        const { data, errors } = await gateway.ask(
          '{ notes(first: 2) { text author { name notes { text } } } }',
        );
        state.asked++;
        if (errors || !data) failed.push(errors);
        await setTimeout(20); // more traffic would show no more, and slow the tests beside this one
      }
    });
    const swapped = async (limit: boolean, launch: { launch: number }) => {
      const elapsedMs = startStopwatch();
      await Promise.all(
        fleet.map((gateway) => expect.poll(() => hasLimit(gateway), { interval: 5 }).toBe(limit)),
      );
      expect(elapsedMs()).toBeLessThan(2_000);
      const before = state.asked;
      await expect.poll(() => state.asked).toBeGreaterThan(before + fleet.length);
      await expect
        .poll(() => currentLaunch(environment))
        .toMatchObject({ launch: launch.launch, done: true, missing: [] });
      const { answers } = await currentLaunch(environment);
      expect(answers.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
        'served',
        'served',
        'served',
      ]);
    };
    // All must listen, or they would only poll.
    await swapped(true, { launch: 1 });
    const small = await publish(without('noteLimit'));
    await swapped(false, await promote(environment, small.version));
    await swapped(true, await rollback(environment));
    state.over = true;
    await Promise.all(asking);
    expect(failed).toEqual([]);
  });

  test('finds a launch that nobody announced by polling', async () => {
    const environment = 'polling';
    await using silent = await startRegistry({ of: registry });
    await promote(environment, (await publish(peopleSdl)).version);
    await using gateway = await startMember({ environment, pollMs: 100, at: silent.url });
    const { version } = await publish(without('noteLimit'));
    // This replica announces nothing.
    await silent.ask(`/v1/environments/${environment}/promote`, { version, author: 'ada' });
    await expect.poll(() => hasLimit(gateway)).toBe(false);
  });
});

describe('a gateway', () => {
  test('starts and serves with the registry down from what it has on disk, if that is signed', async () => {
    const environment = 'disk';
    const lastGood = join(dir, 'last-good.graphql');
    await promote(environment, (await publish(without('noteLimit'))).version);
    {
      await using gateway = await startMember({ environment, lastGood });
      expect(await hasLimit(gateway)).toBe(false);
    }
    const nowhere = { environment, lastGood, at: 'http://127.0.0.1:1' };
    {
      await using gateway = await startMember(nowhere);
      expect(await hasLimit(gateway)).toBe(false);
    }
    writeFileSync(lastGood, readFileSync(lastGood, 'utf8').replace(/\n$/, '\n\n'));
    await expect(startMember(nowhere)).rejects.toThrow();
  });

  test('refuses a wrong signature, an older launch and what it cannot load, goes on, and says why', async () => {
    const environment = 'refusals';
    const file = join(dir, 'served.graphql');
    const { privateKey: key, publicKey } = generateKeyPairSync('ed25519');
    const keysFile = join(dir, 'own.jwks');
    const kid = 'own';
    writeFileSync(keysFile, JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid }] }));
    const small = await publish(without('noteLimit'));
    const { supergraph } = (await registry.ask(`/v1/versions/${small.version}`)).body;
    const full = await publish(peopleSdl);
    const whole = (await registry.ask(`/v1/versions/${full.version}`)).body.supergraph;
    // Three launches, so that the registry knows their numbers.
    for (const version of [small.version, full.version]) await promote(environment, version);
    await rollback(environment);
    const write = async (sdl: string, statement: object) => {
      const base = { environment, launch: 2, version: 20, rollback: false, issuedAt: 200 };
      writeFileSync(file, await signSupergraph(sdl, { ...base, ...statement }, { key, kid }));
    };
    await write(whole, {});
    const settings = {
      INTERNAL_KEY_FILE: '-',
      REDIS_URL: 'redis://127.0.0.1:1',
      REGISTRY_URL: registry.url,
      REGISTRY_ENVIRONMENT: environment,
      REGISTRY_TOKEN: token,
      SUPERGRAPH_KEYS_FILE: keysFile,
      SUPERGRAPH_POLL: '100',
    };
    const { supergraph: location, registry: access } = optionsFrom(readConfig(gatewaySettings, settings));
    if (typeof location === 'string') throw new Error('no location');
    await using gateway = await startGateway({
      supergraph: () => ({ ...location, from: file }),
      options: { registry: access },
    });
    expect(await replaced(gateway)).toBeUndefined();
    const answer = async (launch: number) => {
      const { launches } = (await registry.ask(`/v1/environments/${environment}/launches`)).body;
      return launches.find((one: { launch: number }) => one.launch === launch).answers[0];
    };
    await expect.poll(() => answer(2)).toMatchObject({ outcome: 'served' });
    const refused = async (launch: number, reason: RegExp) => {
      await expect
        .poll(() => answer(launch))
        .toMatchObject({ outcome: 'refused', reason: expect.stringMatching(reason) });
      expect(await hasLimit(gateway)).toBe(true);
    };
    await write(supergraph, { launch: 3, version: 21, issuedAt: 100 });
    await refused(3, /launch 3 is older/);
    await write(supergraph, { launch: 3, version: 19, issuedAt: 300 });
    await refused(3, /version 19 is older/);
    await write('type Query { me: String }', { launch: 3, version: 22, issuedAt: 300 });
    await refused(3, /./);
    writeFileSync(file, supergraph);
    await refused(3, /not signed/);
    await write(supergraph, { launch: 3, version: 19, issuedAt: 300, rollback: true });
    await expect.poll(() => hasLimit(gateway)).toBe(false);
    await expect.poll(() => answer(3)).toMatchObject({ outcome: 'served' });
  });

  test('serves a supergraph that it refused, once the key that signed it is there', async () => {
    const environment = 'keys';
    const lastGood = join(dir, 'before-the-key.graphql');
    const keysFile = join(dir, 'late.jwks');
    const trusted = readFileSync(registry.keysFile, 'utf8');
    writeFileSync(keysFile, trusted);
    await promote(environment, (await publish(peopleSdl)).version);
    await using gateway = await startMember({ environment, lastGood, keysFile, pollMs: 100 });
    const stranger = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
    writeFileSync(keysFile, JSON.stringify({ keys: [{ ...stranger, kid: 'other' }] }));
    await promote(environment, (await publish(without('noteLimit'))).version);
    await expect
      .poll(() => gateway.metric('rookery_gateway_supergraphs_total', { outcome: 'refused' }))
      .toBe(1);
    expect(await hasLimit(gateway)).toBe(true);
    writeFileSync(keysFile, trusted);
    await expect.poll(() => hasLimit(gateway)).toBe(false);
  });

  test.each([
    ['without a token', { REGISTRY_TOKEN: '' }, /needs a REGISTRY_TOKEN/],
    ['without keys', { SUPERGRAPH_KEYS_FILE: '' }, /needs SUPERGRAPH_KEYS_FILE/],
    ['with another supergraph', { SUPERGRAPH: 'x.graphql' }, /exclude each other/],
    ['with a token that is not readable', { REGISTRY_TOKEN: 'file:///nowhere' }, /is not readable/],
  ])('does not start %s', (_what, change, reason) => {
    const env = {
      INTERNAL_KEY_FILE: '-',
      REDIS_URL: 'redis://127.0.0.1:1',
      REGISTRY_URL: 'http://127.0.0.1:1',
      REGISTRY_TOKEN: 'x',
      SUPERGRAPH_KEYS_FILE: 'keys.jwks',
      ...change,
    };
    expect(() => optionsFrom(readConfig(gatewaySettings, env))).toThrow(reason);
  });
});
