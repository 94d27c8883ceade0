import fc from 'fast-check';
import { buildSchema, execute, Kind, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { isCondition, isIncluded } from './conditions.ts';

const selectionOf = (directives: string) => {
  const [definition] = parse(`query ($a: Boolean, $b: Boolean) { field ${directives} }`).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error('no operation');
  const [selection] = definition.selectionSet.selections;
  if (!selection) throw new Error('no selection');
  return selection;
};

describe('isIncluded', () => {
  it('decides as graphql-js does', () => {
    const schema = buildSchema('type Query { field: Int }');
    const condition = fc.constantFrom('true', 'false', '$a', '$b');
    const directives = fc
      .tuple(fc.option(condition), fc.option(condition), fc.boolean())
      .map(([skip, include, turned]) => {
        const both = [
          skip === null ? '' : `@skip(if: ${skip})`,
          include === null ? '' : `@include(if: ${include})`,
        ];
        return (turned ? both.reverse() : both).join(' ');
      });
    fc.assert(
      fc.property(directives, fc.boolean(), fc.boolean(), (text, a, b) => {
        const document = parse(`query ($a: Boolean!, $b: Boolean!) { field ${text} }`);
        const result = execute({ schema, document, variableValues: { a, b }, rootValue: { field: 1 } });
        const executed = 'field' in ((result as { data: object }).data ?? {});
        expect(isIncluded(selectionOf(text), { a, b })).toBe(executed);
      }),
    );
  });

  it.each(['@skip(if: $a)', '@include(if: $a)'])('refuses a null for %s', (text) => {
    expect(() => isIncluded(selectionOf(text), { a: null })).toThrow('A condition cannot be null.');
    const nulls: string[] = [];
    expect(isIncluded(selectionOf(text), { a: null }, (name) => nulls.push(name))).toBe(true);
    expect(nulls).toEqual(['a']);
  });

  it('does not look at @include if @skip excludes the selection', () => {
    expect(isIncluded(selectionOf('@include(if: $a) @skip(if: true)'), { a: null })).toBe(false);
  });
});

it('knows the conditions', () => {
  expect(['skip', 'include', 'deprecated'].map(isCondition)).toEqual([true, true, false]);
});
