import type { Collection, Stored } from '@rookery/document-store';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compare } from './differences.ts';

/** Returns the part of a collection that is scanned: documents in order of id, in batches. */
const walkable = (docs: ReadonlyMap<string, unknown>): Pick<Collection<unknown>, 'scan'> => {
  const sorted = [...docs]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, doc]): Stored<unknown> => ({ id, revision: 1, doc }));
  return {
    async *scan(batch: number, after = '') {
      const left = sorted.filter(({ id }) => id > after);
      for (let i = 0; i < left.length; i += batch) yield left.slice(i, i + batch);
    },
  };
};

it('reports exactly the documents that were edited, deleted or added', async () => {
  const docs = fc
    .dictionary(fc.stringMatching(/^[a-f0-9]{1,3}$/), fc.record({ n: fc.integer({ min: 0, max: 2 }) }))
    .map((found) => new Map(Object.entries(found)));
  await fc.assert(
    fc.asyncProperty(docs, docs, async (live, rebuilt) => {
      const found: string[] = [];
      const { signal } = new AbortController();
      for await (const id of compare(walkable(live), walkable(rebuilt), '', () => {}, signal)) found.push(id);
      const expected = [...new Set([...live.keys(), ...rebuilt.keys()])].filter(
        (id) => JSON.stringify(live.get(id)) !== JSON.stringify(rebuilt.get(id)),
      );
      expect(found).toEqual(expected.sort());
    }),
  );
});
