import { cpuFigures, cpuReader } from '../cpu.ts';
import { repeat, until } from '../measure.ts';
import type { Say } from '../progress.ts';
import { projectedPosition } from '../projected-position.ts';
import { body, publishPost } from '../publish-post.ts';
import type { Figures } from './figures.ts';
import type { SizedSystem } from './sized-system.ts';

const inFlight = 16;
const timeoutMs = 300_000;

/** Measures posts by several people until all projections have applied them, and their CPU time by process. */
export const measurePosts = async (
  { system, postgres, documents, readers, ordinary }: SizedSystem,
  { samples }: { readonly samples: number },
  say: Say,
): Promise<Figures> => {
  const authors = [ordinary, ...[...readers.values()].flat()];
  const posts = samples * 5;
  const post = (index: number) =>
    authors[index % authors.length]?.client.ask(publishPost, { input: { body } });
  const publish = async (count: number): Promise<number> => {
    const before = await projectedPosition(documents);
    const start = performance.now();
    await repeat(count, inFlight, async (index) => post(index));
    await until(
      'all posts are projected',
      timeoutMs,
      async () => (await projectedPosition(documents)) >= before + count,
    );
    return (performance.now() - start) / 1_000;
  };
  say(`${posts} posts`);
  await publish(Math.ceil(posts / 5));
  const readCpu = cpuReader(system, postgres);
  const before = readCpu();
  const seconds = await publish(posts);
  return {
    'posts accepted and projected, per second': posts / seconds,
    ...cpuFigures('post', posts, before, readCpu()),
  };
};
