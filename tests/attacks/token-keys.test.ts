import { generateKeyPairSync } from 'node:crypto';
import { copyFile, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { calculateJwkThumbprint, decodeJwt, decodeProtectedHeader, exportJWK, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Answer, type Ask, overHttp } from '../support/clients/raw-client.ts';
import { type Account, type System, startSystem } from '../support/index.ts';

let system: System;
let ask: Ask;
let dir: string;
const file = (name: 'current' | 'next' | 'previous') => join(dir, `${name}.pem`);

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'token-keys-'));
  const TOKEN_KEY_FILE = [file('current'), file('next'), file('previous')].join(',');
  system = await startSystem({ env: { NODE_ENV: 'production', TOKEN_KEY_FILE, JWKS_POLL: '1000' } });
  ask = overHttp(system.gatewayUrl);
});
afterAll(async () => {
  await system?.stop();
  await rm(dir, { recursive: true, force: true });
});

const pollOptions = { interval: 50 };
const me = (token: string): Promise<Answer> => ask({ query: '{ me { id } }' }, token);
const logIn = async ({ handle, password }: Account): Promise<string> => {
  const answer = await ask({
    query: 'mutation ($input: LogInInput!) { logIn(input: $input) { token } }',
    variables: { input: { handle, password } },
  });
  if (!answer.data?.logIn) throw new Error(answer.text);
  return (answer.data.logIn as { token: string }).token;
};
const signerOf = (token: string) => decodeProtectedHeader(token).kid;

/** Logs in repeatedly, uses the newest and the first token each time, and collects what was refused. */
const traffic = (account: Account) => {
  const refused: string[] = [];
  let going = true;
  let rounds = 0;
  const done = (async () => {
    while (going) {
      try {
        const answers = await Promise.all([me(account.token), logIn(account).then(me)]);
        for (const { status, text } of answers) if (status !== 200) refused.push(text);
      } catch (error) {
        refused.push(String(error));
      }
      rounds++;
      await setTimeout(100); // more traffic would show no more, and slow the tests beside this one
    }
  })();
  return {
    refused,
    /** Resolves after so many more rounds. */
    goOn: async (more: number) => {
      const until = rounds + more;
      await expect.poll(() => rounds, pollOptions).toBeGreaterThanOrEqual(until);
    },
    stop: async () => {
      going = false;
      await done;
    },
  };
};

test('keys that sign tokens are changed under traffic: no request is refused, and what the old one signed ends with it', async () => {
  const account = await system.signUp();
  const old = signerOf(account.token);
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const kid = await calculateJwkThumbprint(await exportJWK(publicKey));
  const clients = traffic(account);

  // The new key is published before anything is signed by it. One token that is signed by it tells who knows it.
  await writeFile(file('next'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const probe = await new SignJWT(decodeJwt(account.token))
    .setProtectedHeader({ alg: 'EdDSA', kid, typ: 'JWT' })
    .sign(privateKey);
  await expect.poll(async () => (await me(probe)).status, pollOptions).toBe(200);
  expect(signerOf(await logIn(account))).toBe(old);

  await copyFile(file('current'), file('previous'));
  await copyFile(file('next'), `${file('current')}.new`);
  await rename(`${file('current')}.new`, file('current'));
  await expect.poll(async () => signerOf(await logIn(account)), pollOptions).toBe(kid);
  await rm(file('next'));
  await clients.goOn(5);

  // A file that is no good changes nothing, and is told.
  const good = await readFile(file('current'));
  await writeFile(file('current'), 'secret nonsense');
  await expect.poll(() => system.log('mutation'), pollOptions).toContain('signing keys refused');
  await clients.goOn(5);
  expect(signerOf(await logIn(account))).toBe(kid);
  await writeFile(file('current'), good);
  await clients.goOn(5);
  await clients.stop();
  expect(clients.refused).toEqual([]);
  expect(system.log('mutation')).not.toContain('secret nonsense');

  const latest = await logIn(account);
  await rm(file('previous'));
  await expect.poll(async () => (await me(account.token)).status, pollOptions).toBe(401);
  expect((await me(latest)).status).toBe(200);
}, 60_000);
