import { composeSupergraph } from '@rookery/schema/compose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startGateway, type TestGateway, until } from './world/gateway.ts';
import { notesSdl, people, peopleSdl } from './world/network.ts';

const protect = (sdl: string, place: string, rule: string): string => {
  if (!sdl.includes(place)) throw new Error(`no ${place}`);
  return sdl
    .replace('import: ["@key"]', 'import: ["@key", "@authenticated", "@requiresScopes"]')
    .replace(place, `${place} ${rule}`);
};
const supergraph = composeSupergraph({
  people: protect(peopleSdl, 'nick(short: Boolean = true): String', '@requiresScopes(scopes: [["nicks"]])'),
  notes: protect(notesSdl, 'silent(of: String): Note', '@authenticated'),
});
const viewer = people[0]?.id ?? '';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ options: { supergraph } });
});
afterAll(() => gateway[Symbol.asyncDispose]());

const note = { id: 'n', text: 'new', author: viewer };
const query = 'subscription { written { text author { name nick } } }';

const firstEvent = async (token: string | undefined) => {
  const before = gateway.network.written.opened;
  const events = gateway.live(token).iterate({ query });
  const next = events.next();
  await until('subscribed', () => gateway.network.written.opened > before);
  gateway.network.people.queries.length = 0;
  gateway.network.written.push(note);
  const { value } = await next;
  await events.return?.();
  return value;
};

test('what may not be had is null in every event, with its path, and no subgraph is asked for it', async () => {
  expect(await firstEvent(undefined)).toEqual({
    data: { written: { text: 'new', author: { name: 'Ada', nick: null } } },
    errors: [
      {
        message: 'Sign in first.',
        path: ['written', 'author', 'nick'],
        extensions: { code: 'UNAUTHENTICATED' },
      },
    ],
  });
  expect(gateway.network.people.queries.join()).not.toContain('nick');
  const { errors } = await firstEvent(await gateway.issuer.token(viewer));
  expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
});

test('one viewer has in each session what its own token allows, also where they share an upstream', async () => {
  const [with_, without] = [
    await gateway.issuer.token(viewer, { claims: { scope: 'other nicks' } }),
    await gateway.issuer.token(viewer),
  ];
  const before = gateway.network.written.opened;
  const both = [with_, without].map((token) => gateway.live(token).iterate({ query }));
  const nexts = both.map((events) => events.next());
  await until('subscribed', () => gateway.network.written.opened > before);
  // The second may share the first's upstream: both have it once an event reaches both.
  const repeat = setInterval(() => gateway.network.written.push(note), 20);
  const [allowed, denied] = await Promise.all(nexts);
  clearInterval(repeat);
  expect(allowed?.value).toEqual({ data: { written: { text: 'new', author: { name: 'Ada', nick: 'A' } } } });
  expect(denied?.value.data).toEqual({ written: { text: 'new', author: { name: 'Ada', nick: null } } });
  await Promise.all(both.map((events) => events.return?.()));
});

test('a subscription whose own field may not be had is refused, and nothing is opened', async () => {
  const opened = gateway.network.silent.opened;
  const refused = await gateway
    .live()
    .iterate({ query: 'subscription { hush: silent { text } }' })
    .next()
    .catch((errors) => errors);
  expect(refused).toEqual([
    { message: 'Sign in first.', path: ['hush'], extensions: { code: 'UNAUTHENTICATED' } },
  ]);
  expect(gateway.network.silent.opened).toBe(opened);
});
