import { RookeryError } from '@rookery/graphql-server';
import { describe, expect, it } from 'vitest';
import { createPasswords } from './passwords.ts';

describe('passwords', () => {
  it('are kept as argon2id with a salt each', async () => {
    const passwords = await createPasswords();
    const [one, two] = await Promise.all([passwords.hash('correct horse'), passwords.hash('correct horse')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(two);
    expect(await passwords.matches('correct horse', one)).toBe(true);
    expect(await passwords.matches('correct Horse', one)).toBe(false);
  });

  it('match in whichever form the keyboard makes them', async () => {
    const passwords = await createPasswords();
    const kept = await passwords.hash('crème brûlée'.normalize('NFD'));
    expect(await passwords.matches('crème brûlée'.normalize('NFC'), kept)).toBe(true);
  });

  it('never match where there is no account', async () => {
    const passwords = await createPasswords();
    expect(await passwords.matches('', undefined)).toBe(false);
  });

  it('are refused, not queued without bound, when too many come at once', async () => {
    const passwords = await createPasswords(1);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 60 }, () => passwords.hash('correct horse')),
    );
    const refused = outcomes.filter((o) => o.status === 'rejected');
    expect(refused).toHaveLength(9);
    expect(refused.map((o) => o.reason instanceof RookeryError && o.reason.code)).toEqual(
      refused.map(() => 'SERVICE_UNAVAILABLE'),
    );
  }, 60_000);
});
