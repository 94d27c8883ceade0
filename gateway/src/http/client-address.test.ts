import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { clientAddress, trustedProxies } from './client-address.ts';

describe('the address of a client', () => {
  const from = (remote: string, forwarded?: string) => {
    const socket = new Socket();
    Object.defineProperty(socket, 'remoteAddress', { value: remote });
    const request = new IncomingMessage(socket);
    if (forwarded !== undefined) request.headers['x-forwarded-for'] = forwarded;
    return request;
  };

  test.each([
    ['nobody is trusted', [], '203.0.113.1', '198.51.100.7', '203.0.113.1'],
    ['a proxy is trusted', ['10.0.0.0/8'], '10.1.2.3', '198.51.100.7', '198.51.100.7'],
    ['a forged address in front of it', ['10.0.0.0/8'], '10.1.2.3', '1.1.1.1, 198.51.100.7', '198.51.100.7'],
    ['there are two proxies', ['10.0.0.0/8'], '10.1.2.3', '1.1.1.1, 198.51.100.7, 10.9.9.9', '198.51.100.7'],
    ['it comes past the proxy', ['10.0.0.0/8'], '203.0.113.1', '10.1.2.3', '203.0.113.1'],
    ['the proxy says nothing', ['10.0.0.0/8'], '10.1.2.3', undefined, '10.1.2.3'],
    ['IPv6', ['fd00::/8'], 'fd00::1', '2001:db8::1', '2001:db8::1'],
  ])('if %s', (_what, ranges, remote, forwarded, expected) => {
    expect(clientAddress(from(remote, forwarded), trustedProxies(ranges))).toBe(expected);
  });

  test('an invalid range is refused', () => {
    expect(() => trustedProxies(['10.0.0.0/99'])).toThrow();
  });
});
