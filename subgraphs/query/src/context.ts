import { type SubgraphContext, unauthenticated } from '@rookery/service';
import { createLoaders, type Loaders } from './loaders.ts';
import type { Progress } from './progress.ts';
import { createReader, orUnavailable, type Reader } from './reader.ts';
import type { Sources } from './sources.ts';

export interface QueryContext extends SubgraphContext {
  readonly sources: Sources;
  /** The documents, behind the barrier of the viewer's own writes. */
  readonly reader: Reader;
  readonly loaders: Loaders;
  /** How far the projections are, behind the same barrier. */
  progress(): Promise<Progress>;
  /** Waits for one more activity, and forgets what was loaded before it. */
  waitFor(activity: string): Promise<void>;
  /** Forgets what was loaded: each live event is read afresh. */
  renew(): void;
}

/** The context of one request, or of one subscription. */
export const createContext = (base: SubgraphContext, sources: Sources): QueryContext => {
  const wait = async (activities: readonly string[]): Promise<void> => {
    const reached = await sources.readAfter.wait(activities);
    if (!reached) base.extensions.stale = true;
  };
  let barrier: Promise<void> | undefined;
  const caughtUp = () => {
    barrier ??= wait(base.readAfter);
    return barrier;
  };
  const reader = createReader(sources.documents, caughtUp, base.log);
  const loaders = createLoaders(reader);
  // Apollo Server copies the context, so nothing in it may be replaced.
  const renew = () => {
    for (const loader of Object.values(loaders)) loader.clearAll();
  };
  return {
    ...base,
    sources,
    reader,
    loaders,
    async progress() {
      await caughtUp();
      return orUnavailable(base.log, sources.progress.read);
    },
    async waitFor(activity) {
      await caughtUp();
      // Who has waited in vain once doesn't wait again: the answer is stale either way.
      if (!base.extensions.stale) await wait([activity]);
      renew();
    },
    renew,
  };
};

/** The signed-in user's id. @throws RookeryError UNAUTHENTICATED without one */
export const viewerOf = ({ viewer }: QueryContext): string => {
  if (viewer === null) throw unauthenticated();
  return viewer;
};
