import { readFileSync } from 'node:fs';
import { defaultLimits, limitSettings } from '@rookery/gateway';
import { expect, test } from 'vitest';

const page = readFileSync(new URL('../../docs/reference/protection.md', import.meta.url), 'utf8');
const rows = [...page.matchAll(/^\| `(\w+)` \| (\d+) \| (?:`(\w+)`)? ?\|/gm)];

test('docs/reference/protection.md lists the limits with their defaults', () => {
  expect(rows.length).toBeGreaterThan(10);
  for (const [, name = '', value] of rows) expect(defaultLimits).toHaveProperty(name, Number(value));
});

test('docs/reference/protection.md lists every setting of a limit', () => {
  expect(rows.flatMap(([, , , setting]) => setting ?? []).sort()).toEqual([...limitSettings].sort());
});
