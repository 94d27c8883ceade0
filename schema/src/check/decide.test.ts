import { expect, test } from 'vitest';
import type { TrustedDocument } from '../model/usage.ts';
import { markdownReport } from './formats/markdown.ts';
import { textReport } from './formats/text.ts';
import { checked, seen } from './table/checked.ts';
import { tableSchema } from './table/schema.ts';

const without = { ...tableSchema, catalog: tableSchema.catalog.replace('  ping: Int\n', '') };
const withValue = { ...tableSchema, catalog: tableSchema.catalog.replace('  RED\n', '  RED\n  PINK\n') };
const ping = '{ ping }';
const other = seen('{ prices }', { count: 95 });
const trusted: TrustedDocument[] = [{ id: '1', document: ping, client: { name: 'ios', version: '3' } }];
const exitCodes = async (...runs: Parameters<typeof checked>[2][]) =>
  Promise.all(runs.map(async (options) => (await checked(tableSchema, without, options)).exitCode));

test('thresholds, excluded clients and missing data decide by rule', async () => {
  const operations = [seen(ping), other];
  const rule = (usage: object) => ({ operations, rules: { usage } });
  expect(
    await exitCodes(
      rule({ minimumCount: 5 }),
      rule({ minimumCount: 6 }),
      rule({ minimumPercent: 5 }),
      rule({ minimumPercent: 5.1 }),
      rule({ excludedClients: [{ name: 'web', version: '1.0' }], withoutData: 'fail' }),
      rule({ excludedClients: [{ name: 'web', version: '2.0' }] }),
      { rules: { usage: { withoutData: 'pass' } } },
      { rules: { usage: { withoutData: 'fail' } } },
    ),
  ).toEqual([1, 0, 1, 0, 1, 1, 0, 1]);
});

test('a trusted document and an open subscription count without traffic', async () => {
  const usage = { minimumCount: 100, withoutData: 'pass' };
  const open = [seen(ping, { count: 0, openSubscriptions: 1 }), other];
  expect(
    await exitCodes(
      { trusted, rules: { usage } } as object,
      { trusted, operations: [other], rules: { usage } } as object,
      { operations: open, rules: { usage } } as object,
    ),
  ).toEqual([1, 1, 1]);
});

test('each open subscription that a change affects is named with its client and version, in every format for people', async () => {
  const open = (openSubscriptions: number, version: string) =>
    seen(ping, { count: 0, openSubscriptions, client: { name: 'web', version } });
  const operations = [
    open(2, '1.0'),
    open(0, '1.1'),
    open(3, '1.2'),
    seen('{ prices }', { openSubscriptions: 9 }),
  ];
  const report = await checked(tableSchema, without, { operations });
  expect(report.openSubscriptions).toMatchObject([
    { client: { name: 'web', version: '1.2' }, open: 3, effect: 'broken' },
    { client: { name: 'web', version: '1.0' }, open: 2, effect: 'broken' },
  ]);
  const text = textReport(report, { against: 'main', checksDrift: false, isColored: false });
  expect(text).toMatch(
    /open subscriptions \(2\)\n {2}broken .* of web 1\.2: 3 open\n {2}broken .* of web 1\.0: 2 open/,
  );
  expect(markdownReport(report, 'main')).toContain('broken: 3 open subscriptions to');
});

test('the verdict names each app version, with the field marked in the document', async () => {
  const report = await checked(tableSchema, without, { operations: [seen(ping), other], trusted });
  expect(report.appVersions).toMatchObject([
    { name: 'web', version: '1.0', effect: 'broken', count: 100 },
    { name: 'ios', version: '3', effect: 'broken', count: 0 },
  ]);
  expect(report.operations).toMatchObject([
    {
      ...{ effect: 'broken', trusted: true, count: 5, document: '{\n  ping\n}' },
      causes: [{ coordinates: ['Query.ping'], line: 2, column: 3 }],
    },
  ]);
});

test('a rule refuses enum values that are added, if an operation receives them', async () => {
  const color = { operations: [seen('{ product(id: 1) { color } }')] };
  const rules = { refuse: ['ENUM_VALUE_ADDED'] };
  const run = async (options: Parameters<typeof checked>[2]) =>
    (await checked(tableSchema, withValue, options)).exitCode;
  expect([
    await run(color),
    await run({ ...color, rules }),
    await run({ operations: [other], rules }),
    await run({ rules }),
  ]).toEqual([0, 1, 0, 1]);
});

test('an operation that a safe change breaks fails the check', async () => {
  const head = {
    ...tableSchema,
    catalog: tableSchema.catalog.replace('  label: String\n  name', '  label: String!\n  name'),
  };
  const document =
    '{ search(filter: { text: "x" }) { ... on Product { same: label } ... on Brand { same: label } } }';
  const report = await checked(tableSchema, head, { operations: [seen(document)] });
  expect(report.changes).toMatchObject([{ coordinate: 'Product.label', criticality: 'safe' }]);
  expect(report).toMatchObject({
    ...{ ok: false, outcome: 'operation-broken', exitCode: 1 },
    operations: [{ effect: 'broken', refused: true, causes: [{ coordinates: ['Product.label'] }] }],
  });
  expect(report.failures).toHaveLength(1);
});

test('usage does not excuse a permission that is removed', async () => {
  const head = {
    ...tableSchema,
    catalog: tableSchema.catalog.replace('signed: Int @authenticated', 'signed: Int'),
  };
  const report = await checked(tableSchema, head, { operations: [other] });
  expect(report.changes).toMatchObject([
    { kind: 'AUTHENTICATED_REMOVED', security: true, decision: 'refused' },
  ]);
  expect(report.exitCode).toBe(1);
});
