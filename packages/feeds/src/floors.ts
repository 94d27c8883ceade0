import { readerOf, type Script } from './raw.ts';
import * as scripts from './scripts.ts';
import type { Feeds } from './types.ts';

/** Creates the part of Feeds that tells which feeds are held, and from where on. */
export const createFloors = (
  define: (name: string, lua: string) => Script,
  each: (
    readers: readonly string[],
    action: (keys: readonly string[]) => Promise<unknown>,
  ) => Promise<unknown>,
): Pick<Feeds, 'whichAreHeld'> => {
  const whichAreHeld = define('feedWhichAreHeld', scripts.whichAreHeld);
  return {
    async whichAreHeld(readers) {
      const floors = new Map<string, number>();
      await each(readers, async (keys) => {
        const held = (await whichAreHeld(keys.length, ...keys)) as readonly number[];
        for (let i = 0; i + 1 < held.length; i += 2)
          floors.set(readerOf(keys[(held[i] ?? 0) - 1] ?? ''), held[i + 1] ?? 0);
      });
      return floors;
    },
  };
};
