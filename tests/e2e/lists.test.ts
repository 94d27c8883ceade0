import { beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/clients/client.ts';
import { type SharedSystem, sharedSystem } from '../support/index.ts';
import { withoutRepeats } from '../support/model/friends-feeds.ts';

interface Items {
  readonly edges: readonly {
    readonly node: { readonly verb: string; readonly post: { readonly id: string } };
  }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

let system: SharedSystem;
let ada: Client;
let others: { readonly id: string; readonly client: Client }[];
/** The activity that the next read must see. */
let last = '';

const act = async (
  by: Client,
  field: string,
  type: string,
  input: object,
  selection = '',
): Promise<Record<string, unknown>> => {
  const payload = await by.act<Record<string, unknown>>(field, type, input, selection);
  last = payload.activity.id;
  return payload;
};
const read = <T>(query: string, variables: object = {}): Promise<T> =>
  ada.ask<T>(query, { ...variables }, { 'x-read-after': last });
const create = async (name: string): Promise<string> => {
  const { list } = await act(ada, 'createList', 'CreateListInput', { name }, 'list { id name }');
  expect(list).toEqual({ id: expect.any(String), name });
  return (list as { id: string }).id;
};
const change = (field: 'addToList' | 'removeFromList', listId: string, userId = '') =>
  act(ada, field, 'ListMemberInput', { listId, userId }, 'list { members { edges { node { id } } } }');
const membersOf = (payload: object): string[] =>
  (payload as { list: { members: { edges: { node: { id: string } }[] } } }).list.members.edges.map(
    ({ node }) => node.id,
  );
const feedPage = async (listId: string, args: string, cursor: string | null = null): Promise<Items> => {
  const { list } = await read<{ list: { feed: Items } }>(
    `query ($id: ID!, $cursor: String) { list(id: $id) { feed(${args}) { edges { node { verb post { id } } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }`,
    { id: listId, cursor },
  );
  return list.feed;
};
const textsOf = ({ edges }: Items): string[] => edges.map(({ node }) => `${node.verb} ${node.post.id}`);

beforeAll(async () => {
  system = await sharedSystem();
  const [first, ...rest] = [
    await system.signUp(),
    await system.signUp(),
    await system.signUp(),
    await system.signUp(),
  ];
  ada = new Client(system.gatewayUrl, first?.token ?? '');
  others = rest.map(({ id, token }) => ({ id, client: new Client(system.gatewayUrl, token) }));
});

describe('a list of accounts', () => {
  it('is named, renamed and deleted, and has those whom its owner adds', async () => {
    const [ben, cyd] = others;
    const [one, two] = [await create('One'), await create('Two')];
    expect(membersOf(await change('addToList', one, ben?.id))).toEqual([ben?.id]);
    await change('addToList', one, ben?.id);
    expect(membersOf(await change('addToList', one, cyd?.id))).toEqual([cyd?.id, ben?.id]);
    expect(membersOf(await change('removeFromList', one, ben?.id))).toEqual([cyd?.id]);
    await act(ada, 'renameList', 'RenameListInput', { listId: two, name: 'Second' });
    const lists = '{ lists { id name } }';
    expect(await read(lists)).toEqual({
      lists: [
        { id: two, name: 'Second' },
        { id: one, name: 'One' },
      ],
    });
    const deletion = await act(ada, 'deleteList', 'ListInput', { listId: two }, 'list { id } deletedListId');
    expect(deletion).toMatchObject({ list: null, deletedListId: two });
    expect(await read(lists)).toEqual({ lists: [{ id: one, name: 'One' }] });
    expect(await read('query ($id: ID!) { list(id: $id) { id } }', { id: two })).toEqual({ list: null });
    const refused = await ada.send(
      'mutation ($id: ID!) { renameList(input: { listId: $id, name: "Three" }) { activity { id } } }',
      { id: two },
    );
    expect(refused.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
  });

  it('has a feed of its members, followed or not, with each post once, on pages of both directions', async () => {
    const list = await create('Read');
    const [ben, cyd, dan] = others as [
      (typeof others)[number],
      (typeof others)[number],
      (typeof others)[number],
    ];
    const there: string[] = [];
    const publish = async ({ client }: (typeof others)[number], inReplyTo?: string) => {
      const input = inReplyTo ? { body: 'caw', inReplyTo } : { body: 'caw' };
      const { post } = await act(client, 'publishPost', 'PublishPostInput', input, 'post { id }');
      const { id } = post as { id: string };
      if (client !== dan.client) there.unshift(`POST ${id}`);
      return id;
    };
    const share = async ({ client }: (typeof others)[number], postId: string) => {
      await act(client, 'sharePost', 'PostInput', { postId });
      there.unshift(`SHARE ${postId}`);
    };
    const strange = await publish(dan);
    for (const member of [ben, cyd]) await change('addToList', list, member.id);
    for (let i = 0; i < 3; i++) await publish(i % 2 ? ben : cyd);
    await share(ben, strange);
    await publish(ben, strange);
    await share(cyd, strange);
    await share(cyd, await publish(ben));
    const expected = withoutRepeats(there);
    expect(expected).toHaveLength(there.length - 2);
    const forward: string[] = [];
    for (let cursor: string | null = null, more = true; more; ) {
      const page: Items = await feedPage(list, 'first: 2, after: $cursor', cursor);
      forward.push(...textsOf(page));
      cursor = page.pageInfo.endCursor;
      more = page.pageInfo.hasNextPage;
    }
    expect(forward).toEqual(expected);
    const end = await feedPage(list, 'last: 3, before: $cursor');
    expect(textsOf(end)).toEqual(expected.slice(-3));
    const before = await feedPage(list, 'last: 30, before: $cursor', end.pageInfo.startCursor);
    expect(textsOf(before)).toEqual(expected.slice(0, -3));
    // In force at once.
    const newest = `POST ${await publish(cyd)}`;
    expect(textsOf(await feedPage(list, 'first: 1, after: $cursor'))).toEqual([newest]);
    await act(ada, 'muteUser', 'UserInput', { userId: cyd.id });
    expect(textsOf(await feedPage(list, 'first: 1, after: $cursor'))).toEqual(expected.slice(0, 1));
    await act(ada, 'unmuteUser', 'UserInput', { userId: cyd.id });
    for (const member of [ben, cyd]) await change('removeFromList', list, member.id);
    expect(textsOf(await feedPage(list, 'first: 9, after: $cursor'))).toEqual([]);
  });
});
