import { afterAll, describe } from 'vitest';
import { documentEngines, type SharedSystem, sharedSystem, startSystem } from '../support/index.ts';
import { casesOfTier } from '../support/property-runs.ts';
import { itBookmarks } from './bookmarks.ts';
import { itWalks } from './walk.ts';

const engines = documentEngines();
/** In the short tier that is MongoDB, if there is one: every other test of a whole system is on Postgres. */
const walked = casesOfTier(engines, (one) => one === engines.at(-1));

describe.each(walked)('documents on $engine', ({ documents }) => {
  const resources = new AsyncDisposableStack();
  let system: Promise<SharedSystem> | undefined;
  const start = (): Promise<SharedSystem> => {
    const documentsUrl = documents();
    system ??=
      documentsUrl === undefined
        ? sharedSystem()
        : startSystem({ documentsUrl }).then((own) => resources.use(own));
    return system;
  };
  afterAll(() => resources.disposeAsync());

  describe('sign-up to unfollow', () => itWalks(start));
  describe('bookmarks', () => itBookmarks(start));
});
