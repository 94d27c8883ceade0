import { describe } from 'vitest';
import { documentEngines, startSystem } from '../support/index.ts';
import { itWalks } from './walk.ts';

describe.each(documentEngines())('sign-up to unfollow, documents on $engine', ({ documents }) => {
  itWalks(() => {
    const documentsUrl = documents();
    return startSystem(documentsUrl === undefined ? {} : { documentsUrl });
  });
});
