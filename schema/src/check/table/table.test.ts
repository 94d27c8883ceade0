import { describe, expect, test } from 'vitest';
import { casesOfTier } from '../../../../tests/support/property-runs.ts';
import { checked, seen } from './checked.ts';
import { apiRows, edited, federationRows, securityRows } from './rows.ts';
import { tableSchema } from './schema.ts';

const other = '{ reviews { product { id } } }';

describe.each([
  ['the API', apiRows],
  ['permissions and limits', securityRows],
  ['federation', federationRows],
])('a change of %s', (_what, rows) => {
  // Each row composes a schema: the short tier tries a third of each kind of change.
  test.each(casesOfTier(rows, (_row, index) => index % 3 === 0))(
    '$line',
    async ({ edits, kind, criticality, passes, operation, effect }) => {
      const head = edited(edits);
      const without = await checked(tableSchema, head);
      if (criticality === 'uncomposed') {
        expect(without.compositionErrors).toContainEqual(expect.objectContaining({ code: kind }));
        expect(without.compositionErrors[0]?.positions[0]).toMatchObject({ line: expect.any(Number) });
      } else {
        expect(without.compositionErrors).toEqual([]);
        expect(without.changes).toContainEqual(expect.objectContaining({ kind, criticality }));
        const change = without.changes.find((one) => one.kind === kind);
        expect(change?.position).toMatchObject({ file: expect.any(String), line: expect.any(Number) });
      }
      const used = await checked(tableSchema, head, { operations: [seen(operation || other), seen(other)] });
      const unused = await checked(tableSchema, head, { operations: [seen(other)] });
      const outcome = [without, used, unused].map(({ exitCode }) => (exitCode === 0 ? 'P' : 'F')).join('');
      const verdict = used.operations.find(({ document }) => !document.includes('product {'));
      expect([outcome, verdict?.effect ?? 'unaffected']).toEqual([passes, effect]);
    },
  );
});

test('the table has at least 60 rows', () => {
  expect(apiRows.length + securityRows.length + federationRows.length).toBeGreaterThanOrEqual(60);
});
