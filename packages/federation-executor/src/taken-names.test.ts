import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { takenNames } from './taken-names.ts';

test('keys are the fields that subgraphs select of each other, and no names of subgraphs, addresses and types', () => {
  const supergraph = parse(`
    enum join__Graph { FEED @join__graph(name: "feed", url: "http://localhost/graphql") }
    type Query { posts: [Post!]! @join__field(graph: FEED, type: "[Post!]!", provides: "author { name }") }
    type Post
      @join__type(graph: FEED, key: "id tenant { code }")
      @join__implements(graph: FEED, interface: "Node")
    {
      id: ID!
      label: String @join__field(graph: FEED, requires: "weight", override: "old", overrideLabel: "percent(5)")
    }`);
  const { keys, fields } = takenNames(supergraph);
  expect([...keys].sort()).toEqual(['author', 'code', 'id', 'name', 'tenant', 'weight']);
  expect([...fields].sort()).toEqual(['gatewayCursor', 'id', 'label', 'posts']);
});
