import { readFileSync, writeFileSync } from 'node:fs';
import { composeSupergraph } from '@rookery/schema/compose';
import type { Running } from './contenders.ts';
import { sdls } from './data.ts';
import { load, type Run, type Traffic } from './load.ts';

export interface HotSwap {
  /** From the new file to the first answer of the new version, with the wait for the next look at the file. */
  readonly servedAfterMs: number;
  /** The load meanwhile. */
  readonly run: Run;
}

/** Field that the new version has in addition. */
const added = 'added';

const isServed = async ({ url }: Running): Promise<boolean> => {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: `{ ${added} }` }),
  });
  return JSON.stringify(await response.json()) === JSON.stringify({ data: { [added]: null } });
};

/** Writes the SDL of a supergraph whose subgraphs are at these addresses. */
export const writeSupergraph = (
  path: string,
  schemas: Readonly<Record<string, string>>,
  urls: Readonly<Record<string, string>>,
): void =>
  writeFileSync(
    path,
    Object.entries(urls).reduce(
      (sdl, [name, url]) => sdl.replace(`http://${name}.invalid/graphql`, url),
      composeSupergraph(schemas),
    ),
  );

/** Replaces the supergraph of a gateway that looks at its file, while it is under load. */
export const swapUnderLoad = async (
  gateway: Running,
  path: string,
  urls: Readonly<Record<string, string>>,
  traffic: Traffic,
): Promise<HotSwap> => {
  const before = readFileSync(path, 'utf8');
  const running = load(gateway, traffic);
  const began = performance.now();
  writeSupergraph(
    path,
    { ...sdls, counts: sdls.counts?.replace('totalPosts: Int!', `totalPosts: Int! ${added}: Int`) ?? '' },
    urls,
  );
  while (!(await isServed(gateway))) await new Promise((resolve) => setTimeout(resolve, 5));
  const servedAfterMs = performance.now() - began;
  const run = await running;
  writeFileSync(path, before);
  return { servedAfterMs, run };
};
