import { expect, it } from 'vitest';
import { load } from '../../tests/support/load-module.ts';

/** Least resident memory of three loads: a single one varies by several MB. */
const leastRss = async (...args: readonly string[]): Promise<number> => {
  const sizes = [await load(...args), await load(...args), await load(...args)].map(({ rss }) => rss);
  return Math.min(...sizes);
};

it('recorder and projector: resident memory is within a bound of a bare Node process', async () => {
  // Loads no package, but TypeScript: Node strips its types in each process.
  const bare = await leastRss('stack/src/layout.ts');
  for (const [name, bound] of [
    ['recorder', 2.5],
    ['projector', 3],
  ] as const) {
    const rss = await leastRss(`${name}/src/app.ts`);
    console.log(`${name}: ${Math.round(rss / 1e6)} MB; bare Node: ${Math.round(bare / 1e6)} MB`);
    expect(rss / bare, name).toBeLessThan(bound);
  }
});

it('recorder: resident memory is smaller than with a GraphQL server', async () => {
  const recorder = 'recorder/src/app.ts';
  const server = `loaded.load('packages/graphql-server/src/subgraph.ts')`;
  // About 20 MB smaller on Linux x64; equal if the recorder loads the server by itself.
  expect((await leastRss(recorder, server)) - (await leastRss(recorder))).toBeGreaterThan(5_000_000);
});
