import { keyOf, type Script } from './raw.ts';
import * as scripts from './scripts.ts';
import type { Feeds } from './types.ts';

/** Creates the part of Feeds that adds broadcasts. */
export const createCatchUp = (
  define: (name: string, lua: string, numberOfKeys: number) => Script,
  call: <R>(action: () => Promise<R>) => Promise<R>,
  cap: number,
): Pick<Feeds, 'catchUp'> => {
  const catchUp = define('feedCatchUp', scripts.catchUp, 1);
  return {
    async catchUp(reader, { from, to }, changes) {
      const flat = changes.flatMap(({ itemId, position }) => [itemId, position ?? 0]);
      await call(() => catchUp(keyOf(reader), cap, from, to, ...flat));
    },
  };
};
