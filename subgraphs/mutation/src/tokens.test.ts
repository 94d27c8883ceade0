import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@rookery/service';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTokens } from './tokens.ts';

const options = { issuer: 'rookery', audience: 'readers', ttl: 3_600 };
const user = '01890a5d-ac96-774b-bcce-b302099a8057';
let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tokens-'));
});
afterEach(() => rm(dir, { recursive: true }));

describe('tokens', () => {
  it('are checked by the published keys, and say who, for whom and until when', async () => {
    const tokens = await openTokens({ ...options, keyFile: join(dir, 'key.pem') });
    const { token, expiresAt } = await tokens.issue(user, Date.now());
    const { payload } = await jwtVerify(token, createLocalJWKSet(tokens.keys), options);
    expect(payload).toMatchObject({ sub: user, iss: 'rookery', aud: 'readers' });
    expect(payload.exp).toBe(Date.parse(expiresAt) / 1_000);
    expect((payload.exp ?? 0) - Math.floor(payload.iat ?? 0)).toBe(3_600);
    expect([payload.jti, payload.sid].every((id) => typeof id === 'string')).toBe(true);
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'EdDSA', kid: tokens.keys.keys[0]?.kid });
  });

  it('publish no private part', async () => {
    const { keys } = await openTokens({ ...options, keyFile: join(dir, 'key.pem') });
    expect(Object.keys(keys.keys[0] ?? {}).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
  });

  it('share one key, readable by its owner alone, however many start together', async () => {
    const keyFile = join(dir, 'new', 'key.pem');
    const all = await Promise.all(Array.from({ length: 8 }, () => openTokens({ ...options, keyFile })));
    expect(new Set(all.map(({ keys }) => keys.keys[0]?.kid)).size).toBe(1);
    expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(dir, 'new'))).toEqual(['key.pem']);
    const before = await readFile(keyFile);
    await openTokens({ ...options, keyFile });
    expect(await readFile(keyFile)).toEqual(before);
  });

  it('refuse to start with another kind of key, without showing it', async () => {
    const keyFile = join(dir, 'key.pem');
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    for (const content of ['secret nonsense', privateKey.export({ type: 'pkcs8', format: 'pem' })]) {
      await writeFile(keyFile, content);
      await expect(openTokens({ ...options, keyFile })).rejects.toThrow(ConfigError);
      await expect(openTokens({ ...options, keyFile })).rejects.not.toThrow(/secret nonsense/);
    }
    await rm(keyFile);
  });
});
