import { it } from 'vitest';
import { freshMongoUrl, useServers } from '../support/index.ts';
import { checkDeletedText } from './check-deleted-text.ts';

it('deleted text is gone from every generation as soon as the projections have caught up: MongoDB', ({
  signal,
  skip,
}) => {
  skip(useServers().mongoUrl === undefined, 'no server for MongoDB here');
  return checkDeletedText(signal, freshMongoUrl());
});
