import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRedisAddress, nodeAddress, readClusterAddress } from './address.ts';

describe('the address of a Redis Cluster', () => {
  it('names some nodes, and credentials for all', () => {
    const port = fc.integer({ min: 1, max: 65_535 });
    const host = fc.oneof(fc.domain(), fc.ipV4(), fc.constantFrom('::1', 'fd00::7'));
    const text = fc.string({ unit: 'binary', minLength: 1 }).filter((part) => part.isWellFormed());
    fc.assert(
      fc.property(
        fc.array(fc.record({ host, port }), { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        fc.option(fc.record({ username: text, password: text }), { nil: undefined }),
        (nodes, isTls, credentials) => {
          const scheme = isTls ? 'rediss' : 'redis';
          const before = credentials
            ? `${encodeURIComponent(credentials.username)}:${encodeURIComponent(credentials.password)}@`
            : '';
          const hosts = nodes.map(
            (node) => `${node.host.includes(':') ? `[${node.host}]` : node.host}:${node.port}`,
          );
          const address = `${scheme}+cluster://${before}${hosts.join()}?credentials-file=/keys/redis`;
          expect(isRedisAddress(address)).toBe(true);
          expect(readClusterAddress(address)).toEqual({
            nodes,
            isTls,
            username: credentials?.username,
            password: credentials?.password,
          });
          for (const [i, node] of nodes.entries()) {
            expect(nodeAddress(address, node)).toBe(
              `${scheme}://${before}${hosts[i]}?credentials-file=/keys/redis`,
            );
          }
        },
      ),
    );
  });

  it('has the port of Redis if it names none', () => {
    expect(readClusterAddress('redis+cluster://a,b:7000/')?.nodes).toEqual([
      { host: 'a', port: 6379 },
      { host: 'b', port: 7000 },
    ]);
  });

  it.each([
    'redis+cluster://',
    'redis+cluster://a,,b',
    'redis+cluster://a:x',
    'redis+cluster:a',
    'http://a',
    'redis://[',
  ])('is not %j', (address) => {
    expect(isRedisAddress(address)).toBe(false);
  });
});
