import { expect, test } from 'vitest';
import { startBareGateway } from '../support/gateway/bare-gateway.ts';
import { type Resolvers, startSubgraph } from '../support/gateway/subgraph.ts';
import { startGatewayKeys } from '../support/index.ts';

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import:
  ["@key", "@external", "@requires"])`;

const usersSdl = `${link}
  type Query { users: Int }
  type Ref { a: ID! b: ID! c: ID! }
  type P @key(fields: "id") @key(fields: "ref { a b }", resolvable: false)
    @key(fields: "id ref { b c }", resolvable: false) { id: ID! ref: Ref! label: String! }`;

const users: Resolvers = {
  P: { __resolveReference: (({ id }: { id: string }) => ({ id, label: `label ${id}` })) as never },
};

const keys = [
  '@key(fields: "id ref { b c }")',
  '@key(fields: "id", resolvable: false)',
  '@key(fields: "ref { a b }", resolvable: false)',
];

const ordersSdl = (order: readonly number[]) => `${link}
  type Query { order: Order }
  type Order { items: [P!]! }
  type Ref { a: ID! b: ID! c: ID! }
  type P ${order.map((at) => keys[at]).join(' ')} {
    id: ID! ref: Ref! label: String! @external tag: String! @requires(fields: "label")
  }`;

const items = ['1', '2'].map((id) => ({ id, ref: { a: `a${id}`, b: `b${id}`, c: `c${id}` } }));

interface Reference {
  readonly id?: string;
  readonly ref?: { readonly b: string; readonly c: string };
  readonly label: string;
}

const orders: Resolvers = {
  Query: { order: () => ({ items }) },
  P: {
    __resolveReference: (({ id, ref, label }: Reference) => {
      if (id === undefined || ref?.b === undefined || ref.c === undefined) throw new Error('no such key');
      return { id, ref, label };
    }) as never,
    tag: ({ label, ref: { b, c } }: Required<Reference>) => `${label} ${b} ${c}`,
  },
};

test.each([[[0, 1, 2]], [[1, 0, 2]], [[1, 2, 0]], [[2, 1, 0]]])(
  'a plan that returns to a subgraph takes the key by which it resolves, in the order %j of its keys',
  async (order) => {
    await using undo = new AsyncDisposableStack();
    const { keysUrl, keyFile } = undo.use(await startGatewayKeys());
    const sdls = { users: usersSdl, orders: ordersSdl(order) };
    const urls = {
      users: undo.use(await startSubgraph('users', sdls.users, users, keysUrl)).url,
      orders: undo.use(await startSubgraph('orders', sdls.orders, orders, keysUrl)).url,
    };
    const { url } = await startBareGateway({ sdls, urls, keyFile }, undo);
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ order { items { id label tag } } }' }),
    });
    expect(await response.json()).toEqual({
      data: {
        order: {
          items: ['1', '2'].map((id) => ({ id, label: `label ${id}`, tag: `label ${id} b${id} c${id}` })),
        },
      },
    });
  },
);
