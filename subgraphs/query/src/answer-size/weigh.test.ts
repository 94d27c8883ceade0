import { buildSubgraphSchema } from '@apollo/subgraph';
import { subgraphTypeDefs } from '@rookery/schema/graphql';
import fc from 'fast-check';
import {
  type GraphQLField,
  type GraphQLNamedType,
  getNamedType,
  getNullableType,
  isAbstractType,
  isListType,
  isObjectType,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { textBytes, weights } from './weigh.ts';

const schema = buildSubgraphSchema([{ typeDefs: subgraphTypeDefs('query') }]);
const weighed = new Map<string, { texts?: object; parts?: object; lists?: object }>(Object.entries(weights));

/** Returns whether objects of this type, or of one of its possible types, must be counted. */
const mustBeCounted = (type: GraphQLNamedType): boolean =>
  isAbstractType(type)
    ? schema.getPossibleTypes(type).some(({ name }) => weighed.has(name))
    : weighed.has(type.name);

const fields = Object.values(schema.getTypeMap()).flatMap((type) =>
  isObjectType(type) && !type.name.startsWith('_')
    ? Object.values(type.getFields())
        // Entities are counted one by one, as they are resolved.
        .filter(({ name }) => name !== '_entities')
        .map((field) => ({ type: type.name, field }))
    : [],
);
const leadsToCounted = ({ field }: { field: GraphQLField<unknown, unknown> }) =>
  !isListType(getNullableType(field.type)) && mustBeCounted(getNamedType(field.type));

describe('an answer is counted whole', () => {
  it('by every field that leads to an object with texts: with the object that it is in, or by makeRoom', () => {
    const byThemselves = fields
      .filter(
        ({ type, field }) => leadsToCounted({ field }) && !(field.name in (weighed.get(type)?.parts ?? {})),
      )
      .map(({ type, field }) => `${type}.${field.name}`);
    // Each of these resolvers calls makeRoom.
    expect(byThemselves.sort()).toEqual([
      'Activity.actor',
      'Query.hashtag',
      'Query.list',
      'Query.me',
      'Query.node',
      'Query.post',
      'Query.user',
      'Subscription.followRequests',
      'Subscription.friendsFeed',
      'Subscription.friendsFeedEvents',
      'Subscription.notifications',
      'Subscription.post',
    ]);
  });

  it('by every text whose length is not bounded by far', () => {
    const short = new Set(['cursor', 'handle']);
    for (const { type, field } of fields)
      if (weighed.has(type) && getNamedType(field.type).name === 'String' && !short.has(field.name))
        expect(weighed.get(type)?.texts, `${type}.${field.name}`).toHaveProperty(field.name);
  });

  it('by lists as pages, or with the object that has a list of few', () => {
    const lists = fields.filter(
      ({ field }) => isListType(getNullableType(field.type)) && mustBeCounted(getNamedType(field.type)),
    );
    const others = lists.filter(({ type, field }) => !(field.name in (weighed.get(type)?.parts ?? {})));
    for (const { type, field } of others)
      expect(`${type}.${field.name}`).toMatch(
        /^((Feed|User|Post|Notification|Thread|Revision|Moderation|Report|Case)Connection\.edges|Query\.(lists|suggestedUsers|searchHashtags|trendingHashtags))$/,
      );
  });
});

it('knows the bytes of any text as JSON', () => {
  fc.assert(
    fc.property(fc.option(fc.string({ unit: 'binary' })), (text) => {
      expect(textBytes(text)).toBe(Buffer.byteLength(JSON.stringify(text)));
    }),
  );
  for (const text of ['\ud800', '"', '\\', '\n', '\u007f', '\u2028', '👨🏽‍👩🏽‍👧🏽‍👦🏽'])
    expect(textBytes(text)).toBe(Buffer.byteLength(JSON.stringify(text)));
});
