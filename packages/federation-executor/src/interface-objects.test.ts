import { Supergraph } from '@apollo/federation-internals';
import { type PlanNode, prettyFormatQueryPlan, type QueryPlan, QueryPlanner } from '@apollo/query-planner';
import { composeSupergraph } from '@rookery/schema/compose';
import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { Planner, plannerConfig } from './planner.ts';

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import:
  ["@key", "@external", "@requires", "@interfaceObject"])`;

const planOf = (query: string, keys: string): QueryPlan => {
  const sdl = composeSupergraph({
    catalog: `${link}
      type Query { allMedia: [Media] }
      interface Media ${keys} { id: ID! title: String! }
      type Book implements Media ${keys} { id: ID! title: String! }
      type Film implements Media ${keys} { id: ID! title: String! }`,
    reviews: `${link}
      type Media ${keys} @interfaceObject {
        id: ID! title: String! @external
        rating(at: Int): Float likes: Int score(of: Int): String @requires(fields: "title")
      }`,
  });
  const model = Supergraph.build(sdl);
  const planner = new QueryPlanner(model, plannerConfig(parse(sdl)));
  return new Planner(planner, model.schema.toGraphQLJSSchema()).plan(parse(query), undefined);
};

const planned = (query: string, keys: string): string =>
  prettyFormatQueryPlan(planOf(query, keys)).replaceAll(/\s+/g, ' ');

describe('fetches of an interface object', () => {
  it('are one if all types need the same', () => {
    const plan = planned('{ allMedia { rating score } }', '@key(fields: "id")');
    expect(plan).toContain('{ ... on Media { __typename id title } } => { ... on Media { rating score } }');
  });

  it.each(['@key(fields: "id")', '@key(fields: "id") @key(fields: "title")'])(
    'are one for all and one for those that ask for more, each with what it requires: %s',
    (keys) => {
      const plan = planned('{ allMedia { rating likes ... on Book { score } } }', keys);
      expect(plan).toContain(
        '{ ... on Media { __typename id } ... on Book { __typename id } } => { ... on Media { rating likes } }',
      );
      expect(plan).toContain('{ ... on Book { __typename id title } } => { ... on Media { score } }');
    },
  );

  it('take along the variables of their own fields alone', () => {
    const query = 'query ($a: Int, $b: Int) { allMedia { rating(at: $a) ... on Film { score(of: $b) } } }';
    const fetches = operationsOf(planOf(query, '@key(fields: "id")').node as PlanNode);
    expect(fetches.slice(1)).toEqual([
      [
        'query($representations:[_Any!]!$a:Int){_entities(representations:$representations){...on Media{rating(at:$a)}}}',
        ['a'],
      ],
      [
        'query($representations:[_Any!]!$b:Int){_entities(representations:$representations){...on Media{score(of:$b)}}}',
        ['b'],
      ],
    ]);
  });
});

/** The texts of its fetches, and the variables that they use. */
const operationsOf = (node: PlanNode | undefined): [string, readonly string[] | undefined][] => {
  if (node?.kind === 'Fetch') return [[node.operation, node.variableUsages]];
  if (node?.kind === 'Flatten') return operationsOf(node.node);
  return node && 'nodes' in node ? node.nodes.flatMap(operationsOf) : [];
};
