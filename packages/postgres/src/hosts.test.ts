import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Hosts, splitHosts } from './hosts.ts';

it('splits an address into one for each host, and keeps the rest', () => {
  const host = fc
    .tuple(fc.oneof(fc.domain(), fc.ipV4()), fc.option(fc.integer({ min: 1, max: 65_535 })))
    .map(([name, port]) => (port === null ? name : `${name}:${port}`));
  fc.assert(
    fc.property(
      fc.array(host, { minLength: 1, maxLength: 4 }),
      fc.constantFrom('', 'rookery@', 'rookery:p%40ss%2C@'),
      fc.constantFrom('', '/', '/rookery', '/rookery?sslmode=require&credentials-file=/a,b'),
      (hosts, credentials, rest) => {
        expect(splitHosts(`postgres://${credentials}${hosts.join()}${rest}`)).toEqual(
          hosts.map((one) => `postgres://${credentials}${one}${rest}`),
        );
      },
    ),
  );
});

it('finds the primary wherever it is, whoever asks at once, and asks each host once at most', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.option(fc.nat(3), { nil: undefined }), { maxLength: 8 }),
      fc.integer({ min: 1, max: 5 }),
      async (count, primaries, concurrent) => {
        const hosts = new Hosts(`postgres://${Array.from({ length: count }, (_, i) => `h${i}`).join()}/db`);
        for (const primary of primaries) {
          const connect = async (asked: string[]) => {
            const { current } = hosts;
            asked.push(current);
            await Promise.resolve();
            if (primary !== undefined && current === hosts.addresses[primary]) return current;
            hosts.fail(current);
            throw new Error('down');
          };
          const outcomes = await Promise.all(
            Array.from({ length: concurrent }, async () => {
              const asked: string[] = [];
              const outcome = await hosts.tryEach(() => connect(asked)).catch(() => undefined);
              expect(asked.length).toBeLessThanOrEqual(count);
              return outcome;
            }),
          );
          const exists = primary !== undefined && primary < count;
          if (exists) expect(outcomes).toEqual(outcomes.map(() => hosts.addresses[primary]));
          else expect(outcomes).toEqual(outcomes.map(() => undefined));
        }
      },
    ),
  );
});

it('does not repeat what is not the fault of a host', async () => {
  const hosts = new Hosts('postgres://a,b/db');
  let tries = 0;
  const refused = hosts.tryEach(async () => {
    tries++;
    throw new Error('no such database');
  });
  await expect(refused).rejects.toThrow('no such database');
  expect(tries).toBe(1);
});
