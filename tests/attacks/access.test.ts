import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { newId } from '@rookery/runtime';
import { gatewayHeader, issuer, tokenType } from '@rookery/subgraph-auth';
import { importPKCS8, SignJWT, UnsecuredJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Ask, openSocket, overHttp } from '../support/clients/raw-client.ts';
import {
  type Account,
  type GatewaySigner,
  gatewaySigner,
  type SharedSystem,
  sharedSystem,
  signerOf,
} from '../support/index.ts';
import { act, activityOf } from './act.ts';
import { publish, publishedIn } from './publish.ts';

let system: SharedSystem;
let ada: Account;
let ben: Account;
let ask: Ask;

beforeAll(async () => {
  system = await sharedSystem();
  ask = overHttp(system.gatewayUrl);
  [ada, ben] = [await system.signUp(), await system.signUp()];
});

const seconds = () => Math.floor(Date.now() / 1000);

interface Claims {
  readonly [claim: string]: unknown;
}

/** A token of the system's own key, save for what is given. */
const forge = async (claims: Claims, { key = '', alg = 'EdDSA', kid = '' } = {}): Promise<string> => {
  const header = JSON.parse(Buffer.from(ada.token.split('.')[0] ?? '', 'base64url').toString());
  const pem = key || readFileSync(system.tokenKeyFile, 'utf8');
  return new SignJWT({
    sub: ada.id,
    iss: 'rookery',
    aud: 'rookery',
    iat: seconds(),
    exp: seconds() + 600,
    ...claims,
  })
    .setProtectedHeader({ ...header, alg, ...(kid ? { kid } : {}) })
    .sign(await importPKCS8(pem, alg));
};

test('row 14 no, expired, alg=none, wrong-key, wrong-audience token: the same 401 for all', async () => {
  const good = await forge({});
  expect((await ask({ query: '{ me { id } }' }, good)).data).toEqual({ me: { id: ada.id } });

  const other = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const [header, payload, signature = ''] = good.split('.');
  const bad = {
    expired: await forge({ exp: seconds() - 60 }),
    'not yet': await forge({ nbf: seconds() + 60 }),
    'alg=none': new UnsecuredJWT({ sub: ada.id, iss: 'rookery', aud: 'rookery' })
      .setExpirationTime('1h')
      .encode(),
    'alg=none, signed': `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.${signature}`,
    'alg=HS256 by the public key': `${Buffer.from('{"alg":"HS256"}').toString('base64url')}.${payload}.${signature}`,
    'wrong key': await forge({}, { key: other }),
    'wrong key id': await forge({}, { key: other, kid: '../../dev/null' }),
    'wrong audience': await forge({ aud: 'elsewhere' }),
    'wrong issuer': await forge({ iss: 'elsewhere' }),
    'no subject': await forge({ sub: undefined }),
    'a subject that is no id': await forge({ sub: "' OR 1=1" }),
    tampered: `${header}.${Buffer.from(JSON.stringify({ sub: ben.id, iss: 'rookery', aud: 'rookery', exp: seconds() + 600 })).toString('base64url')}.${signature}`,
    'cut off': good.slice(0, -5),
    junk: 'junk',
  };
  const texts = new Set<string>();
  for (const [what, token] of Object.entries(bad)) {
    const answer = await ask({ query: '{ me { id } }' }, token);
    expect(answer.status, what).toBe(401);
    expect(answer.code, what).toBe('UNAUTHENTICATED');
    expect(answer.headers['www-authenticate'], what).toContain('Bearer');
    texts.add(answer.text);
    const socket = await openSocket(system.gatewayUrl);
    socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
    expect(await socket.closed, what).toBe(4401);
  }
  expect(texts.size).toBe(1);
  // Without any, what needs one says the same.
  const none = await ask({ query: 'mutation { publishPost(input: { body: "x" }) { activity { id } } }' });
  expect(none.code).toBe('UNAUTHENTICATED');
  expect([...texts][0]).toContain(none.errors[0]?.message);
});

test('row 16 edit or delete another’s post: FORBIDDEN; a hidden one is NOT_FOUND', async () => {
  const { post } = publishedIn(await publish(ask, ada, 'mine'));
  for (const [field, type, input] of [
    ['editPost', 'EditPostInput', { postId: post.id, body: 'yours' }],
    ['deletePost', 'PostInput', { postId: post.id }],
  ] as const) {
    expect((await act(ask, ben, field, type, input)).code).toBe('FORBIDDEN');
    expect((await act(ask, ben, field, type, { ...input, postId: newId() })).code).toBe('NOT_FOUND');
  }
  const deleted = await act(ask, ada, 'deletePost', 'PostInput', { postId: post.id });
  expect(deleted.errors).toEqual([]);
  for (const by of [ada, ben])
    expect((await act(ask, by, 'editPost', 'EditPostInput', { postId: post.id, body: 'x' })).code).toBe(
      'NOT_FOUND',
    );
});

test('row 17 a deleted post is byte for byte as one that never was', async () => {
  const { post } = publishedIn(await publish(ask, ada, 'gone soon'));
  const reply = publishedIn(await publish(ask, ben, 'a reply', { inReplyTo: post.id }));
  await act(ask, ben, 'likePost', 'PostInput', { postId: post.id });
  const shared = await act(ask, ben, 'sharePost', 'PostInput', { postId: post.id });
  const watching = await openSocket(system.gatewayUrl);
  await watching.init(ben.token);
  watching.send({
    id: 'live',
    type: 'subscribe',
    payload: {
      query: 'subscription ($id: ID!) { post(id: $id) { body likeCount } }',
      variables: { id: post.id },
    },
  });
  const deleted = await act(ask, ada, 'deletePost', 'PostInput', { postId: post.id });
  const after = {
    'x-read-after': [
      activityOf(deleted, 'deletePost'),
      activityOf(shared, 'sharePost'),
      reply.activity.id,
    ].join(','),
  };

  const never = newId();
  const read = (query: string, id: string, by: Account) => ask({ query, variables: { id } }, by.token, after);
  for (const by of [ada, ben]) {
    const query =
      'query ($id: ID!) { post(id: $id) { id body author { handle } likeCount replies { edges { cursor } } } }';
    expect((await read(query, post.id, by)).text).toBe((await read(query, never, by)).text);
    const node = 'query ($id: ID!) { node(id: $id) { __typename id ... on Post { body } } }';
    expect((await read(node, post.id, by)).text).toBe((await read(node, never, by)).text);
    for (const [field, type, more] of [
      ['likePost', 'PostInput', {}],
      ['sharePost', 'PostInput', {}],
      ['deletePost', 'PostInput', {}],
      ['editPost', 'EditPostInput', { body: 'x' }],
    ] as const) {
      const [a, b] = await Promise.all([
        act(ask, by, field, type, { postId: post.id, ...more }),
        act(ask, by, field, type, { postId: never, ...more }),
      ]);
      expect(a.code).toBe('NOT_FOUND');
      expect(a.text).toBe(b.text);
    }
  }
  // As an embed, in feeds, and in the counts of its author.
  const embed = await read(
    'query ($id: ID!) { post(id: $id) { body inReplyTo { id } } }',
    reply.post.id,
    ada,
  );
  expect(embed.data).toEqual({ post: { body: 'a reply', inReplyTo: null } });
  // It still holds its place in the thread, and says nothing else.
  const place = await read(
    'query ($id: ID!) { post(id: $id) { parent { __typename ... on Post { body } ... on Tombstone { id parent { __typename } replies { edges { node { id } } } } } } }',
    reply.post.id,
    ada,
  );
  expect(place.data).toEqual({
    post: {
      parent: {
        __typename: 'Tombstone',
        id: post.id,
        parent: null,
        replies: { edges: [{ node: { id: reply.post.id } }] },
      },
    },
  });
  for (const by of [ada, ben]) {
    const feeds = await ask(
      {
        query:
          '{ me { postCount } myFeed { edges { node { post { id } } } } friendsFeed { edges { node { post { id } } } } }',
      },
      by.token,
      after,
    );
    expect(feeds.text).not.toContain(post.id);
  }
  // Live, its end tells no more than that.
  await watching.next(({ id, type }) => id === 'live' && type === 'complete');
  watching.send({
    id: 'again',
    type: 'subscribe',
    payload: { query: 'subscription ($id: ID!) { post(id: $id) { body } }', variables: { id: post.id } },
  });
  watching.send({
    id: 'never',
    type: 'subscribe',
    payload: { query: 'subscription ($id: ID!) { post(id: $id) { body } }', variables: { id: never } },
  });
  const [again, absent] = [
    await watching.next(({ id }) => id === 'again'),
    await watching.next(({ id }) => id === 'never'),
  ];
  expect(JSON.stringify({ ...again, id: '' })).toBe(JSON.stringify({ ...absent, id: '' }));
  watching.socket.terminate();
});

test('row 17 an activity is shown to its actor alone', async () => {
  const { activity } = publishedIn(await publish(ask, ada, 'x'));
  const query = 'query ($id: ID!) { activity(id: $id) { id status } }';
  const seen = (id: string, token?: string) => ask({ query, variables: { id } }, token);
  expect((await seen(activity.id, ada.token)).data?.activity).toMatchObject({ id: activity.id });
  for (const token of [ben.token, undefined])
    expect((await seen(activity.id, token)).text).toBe((await seen(newId(), token)).text);
});

describe.each(['mutation', 'query'] as const)('row 18 the %s subgraph', (name) => {
  const direct = (headers: Record<string, string>, query = '{ __typename }', variables = {}) =>
    fetch(`${system.urls[name]}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query, variables }),
    });
  const other = name === 'mutation' ? 'query' : 'mutation';
  let signer: GatewaySigner;
  beforeAll(async () => {
    signer = await signerOf(system.internalKeyFile);
  });

  test('answers the gateway', async () => {
    const token = await signer.token({ audience: name, viewer: ada.id });
    expect((await direct({ [gatewayHeader]: token })).status).toBe(200);
  });

  test('refuses direct calls and forged, expired or foreign tokens', async () => {
    const good = { audience: name, viewer: ada.id };
    const anotherKey = await gatewaySigner(generateKeyPairSync('ed25519').privateKey);
    // A subgraph holds only public keys, and neither form of them can sign.
    const publicKey = createPublicKey(createPrivateKey(readFileSync(system.internalKeyFile)));
    const pem = new TextEncoder().encode(String(publicKey.export({ type: 'spki', format: 'pem' })));
    const symmetric = new SignJWT({}).setProtectedHeader({ alg: 'HS256', typ: tokenType });
    const unsigned = new UnsecuredJWT({}).setIssuer(issuer).setAudience(name).setSubject(ada.id);
    const [header = '', payload = '', signature = ''] = (await signer.token(good)).split('.');
    const tokens = {
      'another key': await anotherKey.token(good),
      expired: await signer.token({ ...good, at: Date.now() - 3_600_000 }),
      'of the future': await signer.token({ ...good, at: Date.now() + 3_600_000 }),
      'replayed from another subgraph': await signer.token({ ...good, audience: other }),
      'bound to another operation': await signer.token({ ...good, body: '{"query":"{ me { id } }"}' }),
      'no signature': `${header}.${payload}.`,
      'another payload': `${header}.${Buffer.from(JSON.stringify({ iss: issuer, aud: name, sub: ben.id })).toString('base64url')}.${signature}`,
      'alg none': unsigned.setIssuedAt().setExpirationTime('1m').encode(),
      'signed with the public key': await symmetric
        .setIssuer(issuer)
        .setAudience(name)
        .setSubject(ada.id)
        .setIssuedAt()
        .setExpirationTime('1m')
        .sign(pem),
      'the token of a session': ada.token,
      'an id': ada.id,
    };
    for (const [what, token] of Object.entries(tokens)) {
      const response = await direct({ [gatewayHeader]: token });
      expect({ what, status: response.status }).toEqual({ what, status: 403 });
      expect(await response.json()).not.toHaveProperty('data');
    }
    for (const headers of [
      {},
      { authorization: `Bearer ${ada.token}` },
      { 'x-viewer': ada.id, 'x-user-id': ada.id },
    ] as Record<string, string>[])
      expect((await direct(headers)).status).toBe(403);
  });

  test('answers no guessed _entities and no introspection without the signature', async () => {
    const query = `query ($r: [_Any!]!) { _entities(representations: $r) { __typename ... on User { id } } }`;
    const response = await direct({}, query, { r: [{ __typename: 'User', id: ada.id }] });
    expect(response.status).toBe(403);
    expect(await response.text()).not.toContain(ada.id);
    expect((await direct({}, '{ _service { sdl } }')).status).toBe(403);
  });
});

test('row 18 a token that a subgraph received for a query publishes nothing, at the mutation subgraph itself either', async () => {
  const signer = await signerOf(system.internalKeyFile);
  const body = JSON.stringify({
    query: 'mutation { publishPost(input: { body: "forged" }) { activity { id } } }',
  });
  const publishWith = async (headers: Record<string, string>) => {
    const response = await fetch(`${system.urls.mutation}/graphql`, { method: 'POST', headers, body });
    return (await response.json()) as { data?: { publishPost: unknown }; errors?: { extensions: object }[] };
  };
  const unbound = await publishWith(await signer.headers({ audience: 'mutation', viewer: ada.id }));
  expect(unbound).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
  expect(unbound.data?.publishPost).toBeUndefined();
  const bound = await publishWith(await signer.headers({ audience: 'mutation', viewer: ada.id, body }));
  expect(bound).toMatchObject({ data: { publishPost: { activity: { id: expect.any(String) } } } });
});

test('row 18 of mutations that share a signature, each publishes for its own viewer and its own body alone', async () => {
  const signer = await signerOf(system.internalKeyFile);
  const bodyOf = (text: string) =>
    JSON.stringify({
      query: `mutation { publishPost(input: { body: "${text}" }) { activity { actor { id } } } }`,
    });
  const [hers, his] = [bodyOf('hers'), bodyOf('his')];
  const sent = [
    { viewer: ada.id, body: hers },
    { viewer: ben.id, body: his },
  ];
  const publishWith = async (token: string, body: string) => {
    const headers = { 'content-type': 'application/json', [gatewayHeader]: token };
    const response = await fetch(`${system.urls.mutation}/graphql`, { method: 'POST', headers, body });
    return { status: response.status, answer: (await response.json()) as { data?: unknown } };
  };
  const [adas = '', bens = ''] = await signer.sharedTokens('mutation', sent);
  const [signature = '', claims = ''] = adas.split('~');
  const [others = ''] = await signer.sharedTokens('mutation', [{ viewer: ben.id, body: hers }]);
  const [foreign = ''] = await signer.sharedTokens('query', sent);
  const stolen = Buffer.from(claims, 'base64url').toString().replace(ada.id, ben.id);
  const forged: readonly (readonly [string, string])[] = [
    [adas, his],
    [bens, hers],
    [signature, hers],
    [`${signature}~`, hers],
    [`${signature}~${Buffer.from(stolen).toString('base64url')}`, hers],
    [`${signature}~${others.split('~')[1]}`, hers],
    [`${await signer.token({ audience: 'mutation', viewer: ada.id, body: hers })}~${claims}`, hers],
    [foreign, hers],
  ];
  for (const [token, body] of forged) {
    const { status, answer } = await publishWith(token, body);
    expect({ status, data: answer.data }).toEqual({ status: 403, data: undefined });
  }
  for (const [token, body, author] of [
    [adas, hers, ada.id],
    [bens, his, ben.id],
  ] as const)
    expect(await publishWith(token, body)).toMatchObject({
      status: 200,
      answer: { data: { publishPost: { activity: { actor: { id: author } } } } },
    });
});

test('row 18 entities re-check the rules, whoever asks', async () => {
  const { post } = publishedIn(await publish(ask, ada, 'gone soon'));
  const deleted = await act(ask, ada, 'deletePost', 'PostInput', { postId: post.id });
  const response = await fetch(`${system.urls.query}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(await (
        await signerOf(system.internalKeyFile)
      ).headers({
        audience: 'query',
        viewer: ben.id,
        readAfter: [activityOf(deleted, 'deletePost')],
      })),
    },
    body: JSON.stringify({
      query: 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Post { body } } }',
      variables: {
        r: [
          { __typename: 'Post', id: post.id },
          { __typename: 'Post', id: newId() },
        ],
      },
    }),
  });
  expect(((await response.json()) as { data: unknown }).data).toEqual({ _entities: [null, null] });
});

test('row 18 the gateway forwards no internal token of a client, and knows no federation fields', async () => {
  const signer = await signerOf(system.internalKeyFile);
  const forged = await signer.token({ audience: 'query', viewer: ben.id });
  const answer = await ask({ query: '{ me { id } }' }, ada.token, { [gatewayHeader]: forged });
  expect(answer.data).toEqual({ me: { id: ada.id } });
  expect((await ask({ query: '{ me { id } }' }, undefined, { [gatewayHeader]: forged })).data).toEqual({
    me: null,
  });
  for (const query of ['{ _service { sdl } }', '{ _entities(representations: []) { __typename } }'])
    expect((await ask({ query })).code).toBe('GRAPHQL_VALIDATION_FAILED');
});
