import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Credentials, readServerAddress, withCredential } from './credentials.ts';

describe('an address', () => {
  it.each([
    ['redis://redis:6379?credentials-file=/keys/redis', 'redis://redis:6379', '/keys/redis'],
    ['nats://a:1,nats://b:2?credentials-file=/keys/nats', 'nats://a:1,nats://b:2', '/keys/nats'],
    [
      'mongodb://a,b/rookery?replicaSet=rs&credentials-file=/k&authSource=admin',
      'mongodb://a,b/rookery?replicaSet=rs&authSource=admin',
      '/k',
    ],
    [
      'mongodb://a/rookery?credentials-file=/k&authSource=admin',
      'mongodb://a/rookery?authSource=admin',
      '/k',
    ],
    [
      'postgres://u@h/db?sslmode=require&credentials-file=%2Fa%20b',
      'postgres://u@h/db?sslmode=require',
      '/a b',
    ],
    ['postgres://u:p@h/db', 'postgres://u:p@h/db', undefined],
  ])('%s loses its file', (address, url, credentialsFile) => {
    expect(readServerAddress(address)).toEqual({ url, credentialsFile });
  });

  it('takes any user and password', () => {
    const text = fc.string({ unit: 'binary', minLength: 1 }).filter((part) => part.isWellFormed());
    fc.assert(
      fc.property(text, text, (user, password) => {
        const url = new URL(withCredential('postgres://h:1/db', { user, password }));
        expect([decodeURIComponent(url.username), decodeURIComponent(url.password)]).toEqual([
          user,
          password,
        ]);
        expect(url.host).toBe('h:1');
      }),
    );
  });
});

class RefusalError extends Error {}

describe('credentials', () => {
  let dir: string;
  let file: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'rookery-credentials-'));
    file = join(dir, 'file');
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('are read again for each connection, with or without a user', () => {
    writeFileSync(file, 'one\n');
    const credentials = new Credentials(`postgres://ada@h/db?credentials-file=${file}`);
    expect(credentials.pick()).toEqual({ user: 'ada', password: 'one' });
    writeFileSync(file, 'bob:t:wo\n');
    expect(credentials.pick()).toEqual({ user: 'bob', password: 't:wo' });
    rmSync(file);
    expect(() => credentials.pick()).toThrow(/ENOENT/);
    expect(new Credentials('postgres://u:p@h/db').pick()).toBeUndefined();
  });

  it('reach one that the server takes, whichever it is and even if that changes once meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.stringMatching(/^[a-z]{1,3}$/), { minLength: 1, maxLength: 4 }),
        fc.nat(),
        fc.nat(),
        fc.nat(5),
        async (passwords, before, after, changesAt) => {
          writeFileSync(file, passwords.join('\n'));
          const credentials = new Credentials(`redis://h?credentials-file=${file}`);
          const valid = (attempt: number) =>
            passwords[(attempt < changesAt ? before : after) % passwords.length];
          // Twice: the second connection knows what the first one was refused.
          let attempt = 0;
          for (let connection = 0; connection < 2; connection++) {
            const connected = credentials.connectWithAny(
              async () => {
                const picked = credentials.pick();
                if (picked?.password === valid(attempt)) return attempt;
                attempt++;
                credentials.refuse(picked);
                throw new RefusalError();
              },
              (error) => error instanceof RefusalError,
            );
            expect(await connected).toBe(attempt);
          }
        },
      ),
    );
  });

  it('are not read for a connection that is open, and not tried again after another error', async () => {
    const credentials = new Credentials(`redis://h?credentials-file=${join(dir, 'missing')}`);
    expect(
      await credentials.connectWithAny(
        async () => 'open',
        () => true,
      ),
    ).toBe('open');
    let attempts = 0;
    const failed = credentials.connectWithAny(
      async () => {
        attempts++;
        throw new Error('down');
      },
      () => false,
    );
    await expect(failed).rejects.toThrow('down');
    expect(attempts).toBe(1);
  });

  it('are tried twice each before the refusal is the answer', async () => {
    writeFileSync(file, 'one\ntwo\n');
    const credentials = new Credentials(`redis://h?credentials-file=${file}`);
    const picked: unknown[] = [];
    const refused = credentials.connectWithAny(
      async () => {
        const credential = credentials.pick();
        picked.push(credential?.password);
        credentials.refuse(credential);
        throw new RefusalError();
      },
      (error) => error instanceof RefusalError,
    );
    await expect(refused).rejects.toThrow(RefusalError);
    expect(picked).toEqual(['one', 'two', 'one', 'two']);
  });
});
