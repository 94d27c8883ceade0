import { composeSupergraph } from '@rookery/schema/compose';
import { parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { OverrideDecisions, overrideLabels } from './overrides.ts';

const everybody = Array.from({ length: 10_000 }, (_, n) => ({ viewer: `user ${n}`, address: undefined }));

describe('overrides', () => {
  test('are read from a supergraph', () => {
    const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@override"])`;
    const sdl = composeSupergraph({
      a: `${link} type Query { p: P } type P @key(fields: "id") { id: ID! x: Int y: Int z: Int }`,
      b: `${link} type P @key(fields: "id") {
        id: ID! x: Int @override(from: "a", label: "percent(5)")
        y: Int @override(from: "a", label: "new-prices") z: Int @override(from: "a") }`,
    });
    expect(overrideLabels(parse(sdl))).toEqual(['new-prices', 'percent(5)']);
  });

  test('by percentage hold for so many, always the same, and the lower for some of the higher', () => {
    const decisions = new OverrideDecisions(['percent(10)', 'percent(60.5)'], new Set());
    expect(decisions.all).toHaveLength(3);
    const counts = { 'percent(10)': 0, 'percent(60.5)': 0 };
    for (const who of everybody) {
      const { conditions, key } = decisions.of(who);
      expect(new OverrideDecisions(['percent(60.5)', 'percent(10)'], new Set()).of(who).key).toBe(key);
      if (conditions.get('percent(10)')) expect(conditions.get('percent(60.5)')).toBe(true);
      for (const label of Object.keys(counts) as (keyof typeof counts)[])
        if (conditions.get(label)) counts[label]++;
    }
    expect(counts['percent(10)'] / everybody.length).toBeCloseTo(0.1, 1);
    expect(counts['percent(60.5)'] / everybody.length).toBeCloseTo(0.605, 1);
  });

  test('of 0 and 100 percent, and custom ones, are the same for all', () => {
    const labels = ['percent(0)', 'percent(100)', 'percent(0.0)', 'on', 'off'];
    const decisions = new OverrideDecisions(labels, new Set(['on', 'elsewhere']));
    expect(decisions.all).toHaveLength(1);
    expect(Object.fromEntries(decisions.of({ viewer: null, address: '192.0.2.1' }).conditions)).toEqual({
      'percent(0)': false,
      'percent(100)': true,
      'percent(0.0)': false,
      on: true,
      off: false,
    });
  });
});
