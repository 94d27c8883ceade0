import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { settings } from '@rookery/runtime';
import { expect, test } from 'vitest';
import { until } from '../support/eventually.ts';
import { startGateway } from '../support/gateway/gateway.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** An HTTP server that notes what it was asked. */
const startServer = async (handle: Handler) => {
  const asked: IncomingMessage['headers'][] = [];
  const server = createServer((request, response) => {
    asked.push(request.headers);
    handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    asked,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

const headers = settings.SUPERGRAPH_HEADERS.schema.parse('Authorization: Bearer hunter2; X-Api-Key: hunter2');
const secrets = { authorization: 'Bearer hunter2', 'x-api-key': 'hunter2' };

/** A registry that answers the supergraph to whoever shows both credentials. */
const closedRegistry =
  (sdl: () => string): Handler =>
  ({ headers: shown }, response) => {
    const known = Object.entries(secrets).every(([name, value]) => shown[name] === value);
    if (!known) response.writeHead(401).end();
    else if (shown['if-none-match'] === '"1"') response.writeHead(304).end();
    else response.writeHead(200, { etag: '"1"' }).end(sdl());
  };

test('the supergraph is fetched with credentials, again and again by its ETag, and they are logged nowhere', async () => {
  let sdl = '';
  await using registry = await startServer(closedRegistry(() => sdl));
  await using gateway = await startGateway({
    supergraph: (composed) => {
      sdl = composed;
      return { from: registry.url, headers, pollIntervalMs: 100 };
    },
  });
  expect((await gateway.ask('{ secret }')).data).toEqual({ secret: 'shown' });
  await until('asked again', () => registry.asked.length >= 3);
  for (const shown of registry.asked) expect(shown).toMatchObject(secrets);
  expect(registry.asked[2]).toMatchObject({ 'if-none-match': '"1"' });
  await gateway.stop();
  expect(gateway.log()).not.toContain('hunter2');
});

test('credentials that are refused are told by their status, and not by their text', async () => {
  await using registry = await startServer(closedRegistry(() => ''));
  const wrong = { authorization: 'Bearer hunter3' };
  const started = startGateway({
    supergraph: () => ({ from: registry.url, headers: wrong, pollIntervalMs: 100 }),
  });
  await expect(started).rejects.toMatchObject({
    name: 'ConfigError',
    message: expect.stringMatching(/^(?!.*hunter3).*answers 401/),
  });
});

test('a redirect is followed: to another origin without credentials, and not with them again on the way back', async () => {
  let sdl = '';
  await using registry = await startServer(({ url = '' }, response) => {
    if (url === '/') response.writeHead(302, { location: '/moved' }).end();
    else if (url === '/moved') response.writeHead(307, { location: `${storage.url}/x` }).end('elsewhere');
    else response.writeHead(200, { etag: '"1"' }).end(sdl);
  });
  await using storage = await startServer((_request, response) => {
    response.writeHead(302, { location: `${registry.url}/back` }).end();
  });
  await using gateway = await startGateway({
    supergraph: (composed) => {
      sdl = composed;
      return { from: `${registry.url}/`, headers, pollIntervalMs: 100_000 };
    },
  });
  expect((await gateway.ask('{ secret }')).data).toEqual({ secret: 'shown' });
  const shows = (shown: IncomingMessage['headers']) => Object.keys(secrets).filter((name) => name in shown);
  expect(registry.asked.map(shows)).toEqual([Object.keys(secrets), Object.keys(secrets), []]);
  expect(storage.asked.map(shows)).toEqual([[]]);
});

test.each([
  ['leads in a circle', '/', 'redirected more than 5 times'],
  ['leads to no http address', 'file:///etc/passwd', 'redirected to no http(s) address'],
  ['leads nowhere', undefined, 'redirected to no http(s) address'],
])('a redirect that %s is an error', async (_what, location, why) => {
  await using registry = await startServer((_request, response) =>
    response.writeHead(302, location === undefined ? {} : { location }).end(),
  );
  const started = startGateway({ supergraph: () => ({ from: registry.url, headers, pollIntervalMs: 100 }) });
  await expect(started).rejects.toMatchObject({ name: 'ConfigError', message: expect.stringContaining(why) });
});
