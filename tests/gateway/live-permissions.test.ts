import { composeSupergraph } from '@rookery/schema/compose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/eventually.ts';
import { startGateway, type TestGateway } from '../support/gateway/gateway.ts';
import { notesSdl, people, peopleSdl } from '../support/gateway/network.ts';

const protect = (sdl: string, place: string, rule: string): string => {
  if (!sdl.includes(place)) throw new Error(`no ${place}`);
  return sdl
    .replace('import: ["@key"]', 'import: ["@key", "@authenticated", "@requiresScopes", "@policy"]')
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

test('a denied field is null in every event, with its path, and no subgraph is asked for it', async () => {
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

test('one viewer gets in each session what its own token allows, even if they share an upstream', async () => {
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

test('a subscription whose own field is denied is refused, and nothing is opened', async () => {
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

/** Nobody has this scope. */
const closed = composeSupergraph({
  people: peopleSdl,
  notes: protect(notesSdl, 'silent(of: String): Note', '@requiresScopes(scopes: [["listen"]])'),
});
test.each([
  [undefined, 401, 'UNAUTHENTICATED'],
  [viewer, 403, 'FORBIDDEN'],
])('over HTTP its refusal has the status of its code: viewer %s, %i', async (as, status, code) => {
  await using denying = await startGateway({ options: { supergraph: closed } });
  const response = await fetch(`${denying.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'multipart/mixed;subscriptionSpec=1.0, application/json',
      ...(as && { authorization: `Bearer ${await denying.issuer.token(as)}` }),
    },
    body: JSON.stringify({ query: 'subscription { silent { text } }' }),
  });
  expect(await response.json()).toMatchObject({ errors: [{ path: ['silent'], extensions: { code } }] });
  expect(response.status).toBe(status);
});

describe('a policy that decides otherwise by now', () => {
  const policed = composeSupergraph({
    people: protect(peopleSdl, 'nick(short: Boolean = true): String', '@policy(policies: [["nicks"]])'),
    notes: protect(
      protect(notesSdl, 'silent(of: String): Note', '@policy(policies: [["listeners"]])'),
      'id: ID! text: String!',
      '@policy(policies: [["texts"]])',
    ),
  });
  const forbidden = { message: 'You may not have this.', extensions: { code: 'FORBIDDEN' } };

  /** Returns the events until one is as expected, since a decision is cached for a moment. */
  const listening = async (granted: Set<string>, query: string) => {
    const asked: string[] = [];
    const own = await startGateway({
      options: {
        supergraph: policed,
        policies: (name) => {
          asked.push(name);
          return granted.has(name);
        },
      },
    });
    const events = own.live(await own.issuer.token(viewer)).iterate({ query });
    const { silent } = own.network;
    const first = events.next();
    await until('listening', () => silent.listeners === 1);
    silent.push(note);
    expect((await first).value.errors).toBeUndefined();
    return {
      own,
      asked,
      events,
      becomes: (wanted: unknown) =>
        expect
          .poll(async () => {
            silent.push(note);
            return (await events.next()).value;
          })
          .toEqual(wanted),
      [Symbol.asyncDispose]: () => own[Symbol.asyncDispose](),
    };
  };

  test('is asked again for each event: what it refuses is null and is asked of no subgraph, until it grants it', async () => {
    const granted = new Set(['nicks', 'listeners', 'texts']);
    await using live = await listening(granted, 'subscription { silent { text author { name nick } } }');
    const { becomes, own } = live;
    const whole = { data: { silent: { text: 'new', author: { name: 'Ada', nick: 'A' } } } };
    await becomes(whole);

    granted.delete('nicks');
    await becomes({
      data: { silent: { text: 'new', author: { name: 'Ada', nick: null } } },
      errors: [{ ...forbidden, path: ['silent', 'author', 'nick'] }],
    });
    own.network.people.queries.length = 0;
    own.network.silent.push(note);
    await live.events.next();
    expect(own.network.people.queries).toHaveLength(1);
    expect(own.network.people.queries.join()).not.toContain('nick');

    // Nor what the event itself brings, since the subgraph was asked for it when it was still granted.
    granted.delete('texts');
    await becomes({ data: { silent: null }, errors: [{ ...forbidden, path: ['silent', 'text'] }] });
    for (const name of ['nicks', 'texts']) granted.add(name);
    await becomes(whole);
    expect(own.network.silent.opened).toBe(1);
  });

  test('ends the subscription if its own field is denied, with the reason', async () => {
    const granted = new Set(['listeners', 'texts']);
    await using live = await listening(granted, 'subscription { mine: silent { text } }');
    granted.delete('listeners');
    await live.becomes({ errors: [{ ...forbidden, path: ['mine'] }] });
    expect((await live.events.next()).done).toBe(true);
    await until('closed upstream', () => live.own.network.silent.listeners === 0);
  });

  test('is not asked for every one of many events at once', async () => {
    const granted = new Set(['nicks', 'listeners', 'texts']);
    await using live = await listening(granted, 'subscription { silent { text author { nick } } }');
    const before = live.asked.length;
    const started = performance.now();
    for (let n = 0; n < 100; n++) live.own.network.silent.push(note);
    for (let n = 0; n < 100; n++) expect((await live.events.next()).value.errors).toBeUndefined();
    const moments = Math.ceil((performance.now() - started) / 500) + 1;
    expect(live.asked.length - before).toBeLessThanOrEqual(3 * moments);
  });
});
