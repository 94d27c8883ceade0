import { projectionNames } from '@rookery/read-models/reducers';
import { expect, it } from 'vitest';
import { freshMongoUrl, useServers } from '../support/index.ts';
import { checkDeletedText } from './check-deleted-text.ts';

it.each(['Postgres', 'MongoDB'])(
  'deleted text is gone from every generation of all projections as soon as they have caught up: %s',
  async (engine) => {
    if (engine === 'MongoDB') expect(useServers().mongoUrl, 'no server for MongoDB here').toBeDefined();
    const url = engine === 'MongoDB' ? freshMongoUrl() : undefined;
    await checkDeletedText(new AbortController().signal, url, projectionNames);
  },
);
