import { gatewayHeader } from '@rookery/subgraph-auth';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { readAfterHeader, requestIdHeader } from './request-headers.ts';
import { requestHeaders, subgraphHeaders, subgraphUrls } from './subgraph-settings.ts';

const headers = (text: string) => Object.fromEntries(subgraphHeaders.parse(text));

describe('SUBGRAPH_HEADERS', () => {
  test('lists headers by subgraph, in any letter case and with any spaces', () => {
    expect(headers('')).toEqual({});
    expect(headers(' reviews = X-Tenant, accept-language ; *=x-locale;')).toEqual({
      reviews: ['x-tenant', 'accept-language'],
      '*': ['x-locale'],
    });
  });

  test('takes what every subgraph gets anyway as said already', () => {
    expect(headers(`*=${requestIdHeader},traceparent,${readAfterHeader},x-tenant`)).toEqual({
      '*': ['x-tenant'],
    });
  });

  test.each([
    ...[
      gatewayHeader,
      'X-Rookery-Anything',
      'x_rookery_gateway',
      'x_request_id',
      'authorization',
      'cookie',
      'host',
    ],
    ...['content-length', 'content-type', 'connection', 'transfer-encoding', 'te', 'upgrade', 'keep-alive'],
    ...[
      'x-forwarded-for',
      'x_forwarded_for',
      'forwarded',
      'sec-websocket-protocol',
      'checkpoint',
      'checkpoints',
    ],
  ])('refuses %s', (name) => {
    expect(() => readConfig(['SUBGRAPH_HEADERS'], { SUBGRAPH_HEADERS: `reviews=x-tenant,${name}` })).toThrow(
      `SUBGRAPH_HEADERS is wrong: ${name.toLowerCase()} never goes from a client to a subgraph`,
    );
  });

  test.each([
    ['x-tenant', '"x-tenant" is not subgraph=header,header'],
    ['reviews=', '"reviews=" is not subgraph=header,header'],
    ['=x-tenant', '"=x-tenant" is not subgraph=header,header'],
    ['re views=x-tenant', '"re views=x-tenant" is not subgraph=header,header'],
    ['reviews=x tenant', '"x tenant" is not the name of a header'],
    ['reviews=:authority', '":authority" is not the name of a header'],
    ['reviews=x-a;reviews=x-b', 'reviews is listed twice'],
  ])('refuses %s', (text, why) => {
    expect(() => readConfig(['SUBGRAPH_HEADERS'], { SUBGRAPH_HEADERS: text })).toThrow(why);
  });

  test('never lets a name of the gateway through, however it is written', () => {
    const letters = fc.constantFrom('x-rookery-', 'X_ROOKERY_', 'x_rookery-', 'X-Rookery_');
    const rest = fc.stringMatching(/^[a-zA-Z0-9_-]{0,10}$/);
    fc.assert(
      fc.property(letters, rest, (prefix, name) => !subgraphHeaders.safeParse(`*=${prefix}${name}`).success),
    );
  });
});

describe('SUBGRAPH_URLS', () => {
  test('lists addresses by subgraph', () => {
    expect(subgraphUrls.parse('')).toEqual({});
    expect(
      subgraphUrls.parse('reviews=http://reviews:4005/graphql?a=b , shop=https://shop.example/api'),
    ).toEqual({
      reviews: 'http://reviews:4005/graphql?a=b',
      shop: 'https://shop.example/api',
    });
  });

  test.each([
    ['http://reviews/graphql', 'is not subgraph=address'],
    ['reviews=reviews:4005', 'is not an address that starts with http:// or https://'],
    ['reviews=ws://reviews/graphql', 'is not an address that starts with http:// or https://'],
    ['reviews=', 'is not an address that starts with http:// or https://'],
    ['reviews=http://a/,reviews=http://b/', 'reviews is listed twice'],
    ['reviews=http://me:hunter2@a/', 'has an address with a user name'],
  ])('refuses %s', (text, why) => {
    const read = () => readConfig(['SUBGRAPH_URLS'], { SUBGRAPH_URLS: text });
    expect(read).toThrow(why);
    expect(read).not.toThrow('hunter2');
  });
});

describe('SUPERGRAPH_HEADERS', () => {
  test('holds one header or several', () => {
    expect(requestHeaders.parse('')).toEqual({});
    expect(requestHeaders.parse('Authorization: Bearer a:b=; X-Api-Key: k')).toEqual({
      authorization: 'Bearer a:b=',
      'x-api-key': 'k',
    });
  });

  test.each([
    ['hunter2', 'part 1 is not name: value'],
    ['authorization:', 'part 1 is not name: value'],
    ['x-key: hunter2; bad name: hunter2', 'part 2 is not name: value'],
    ['authorization: hunter2\r\nhost: evil', 'part 1 is not name: value'],
    ['host: hunter2', 'host cannot be set'],
    ['x-key: hunter2; x-key: hunter2', 'x-key is listed twice'],
  ])('refuses %j, and tells no value', (text, why) => {
    const read = () => readConfig(['SUPERGRAPH_HEADERS'], { SUPERGRAPH_HEADERS: text });
    expect(read).toThrow(why);
    expect(read).not.toThrow('hunter2');
  });
});
