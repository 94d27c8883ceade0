import { generateKeyPairSync } from 'node:crypto';
import { copyFile, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, createLog } from '@rookery/runtime';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openTokens, type Tokens } from './tokens.ts';

const log = createLog('test', 'silent');
const options = { issuer: 'rookery', audience: 'readers', ttlSeconds: 3_600, log };
const user = '01890a5d-ac96-774b-bcce-b302099a8057';
const sid = '01890a5d-ac96-774b-bcce-b302099a8058';
let dir: string;
const opened: Tokens[] = [];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tokens-'));
});
afterEach(async () => {
  for (const tokens of opened.splice(0)) tokens[Symbol.dispose]();
  await rm(dir, { recursive: true });
});

const open = async (...names: string[]) => {
  const tokens = await openTokens({ ...options, keyFiles: names.map((name) => join(dir, name)) });
  opened.push(tokens);
  return tokens;
};
const newKey = () =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const kids = (tokens: Tokens) => tokens.keySet().keys.map(({ kid }) => kid);
const signer = async (tokens: Tokens) => {
  const { token } = await tokens.issue(user, sid, Date.now());
  await jwtVerify(token, createLocalJWKSet(tokens.keySet()), { issuer: 'rookery', audience: 'readers' });
  return decodeProtectedHeader(token).kid;
};

describe('tokens', () => {
  it('are checked by the published keys, and say who, for whom and until when', async () => {
    const tokens = await open('key.pem');
    const { token, expiresAt } = await tokens.issue(user, sid, Date.now());
    const { issuer, audience } = options;
    const { payload } = await jwtVerify(token, createLocalJWKSet(tokens.keySet()), { issuer, audience });
    expect(payload).toMatchObject({ sub: user, iss: 'rookery', aud: 'readers' });
    expect(payload.exp).toBe(Date.parse(expiresAt) / 1_000);
    expect((payload.exp ?? 0) - Math.floor(payload.iat ?? 0)).toBe(3_600);
    expect(payload).toMatchObject({ jti: expect.any(String), sid });
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'EdDSA', kid: kids(tokens)[0] });
  });

  it('publish no private part', async () => {
    const { keys } = (await open('key.pem')).keySet();
    expect(Object.keys(keys[0] ?? {}).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
  });

  it('share one key, readable by its owner alone, however many start together', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => open('new/key.pem')));
    expect(new Set(all.flatMap(kids)).size).toBe(1);
    const keyFile = join(dir, 'new', 'key.pem');
    expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(dir, 'new'))).toEqual(['key.pem']);
    const before = await readFile(keyFile);
    await open('new/key.pem');
    expect(await readFile(keyFile)).toEqual(before);
  });

  it('refuse to start with another kind of key, without showing it', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    for (const content of ['secret nonsense', privateKey.export({ type: 'pkcs8', format: 'pem' })]) {
      await writeFile(join(dir, 'bad.pem'), content);
      for (const names of [['bad.pem'], ['key.pem', 'bad.pem']]) {
        await expect(open(...names)).rejects.toThrow(ConfigError);
        await expect(open(...names)).rejects.not.toThrow(/secret nonsense/);
      }
    }
  });
});

describe('several key files', () => {
  it('the first signs and is made, the others may be absent; all are published, each key once', async () => {
    const alone = await open('first.pem', 'second.pem');
    expect(await readdir(dir)).toEqual(['first.pem']);
    expect(kids(alone)).toEqual([await signer(alone)]);
    await writeFile(join(dir, 'second.pem'), newKey());
    await copyFile(join(dir, 'first.pem'), join(dir, 'third.pem'));
    const tokens = await open('first.pem', 'second.pem', 'third.pem');
    expect(kids(tokens)).toEqual([await signer(alone), expect.any(String)]);
    expect(await signer(tokens)).toBe(await signer(alone));
  });

  it('are read again when they change; one that is no good, or gone, leaves all that there was', async () => {
    const tokens = await open('first.pem', 'second.pem');
    const old = await signer(tokens);
    await writeFile(join(dir, 'second.pem'), newKey());
    await expect.poll(() => kids(tokens).length).toBe(2);
    const [, next] = kids(tokens);
    expect(await signer(tokens)).toBe(old);

    await rename(join(dir, 'second.pem'), join(dir, 'first.pem'));
    await expect.poll(() => kids(tokens)).toEqual([next]);
    expect(await signer(tokens)).toBe(next);

    const told = vi.spyOn(log, 'error');
    for (const spoil of [
      () => writeFile(join(dir, 'second.pem'), 'secret nonsense'),
      () => rm(join(dir, 'first.pem')),
    ]) {
      const before = told.mock.calls.length;
      await spoil();
      await expect.poll(() => told.mock.calls.length).toBeGreaterThan(before);
      expect(kids(tokens)).toEqual([next]);
      expect(await signer(tokens)).toBe(next);
    }
    expect(
      String(told.mock.calls.map(([about]) => String((about as { error: unknown }).error))),
    ).not.toContain('secret nonsense');

    await rm(join(dir, 'second.pem'));
    await writeFile(join(dir, 'first.pem'), newKey());
    await expect.poll(() => kids(tokens)).not.toEqual([next]);
  }, 60_000);
});
