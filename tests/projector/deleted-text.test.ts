import { it } from 'vitest';
import { checkDeletedText } from './check-deleted-text.ts';

// Each projection waits for two changes of generations; the long tier rebuilds them all.
it('deleted text is gone from every generation as soon as the projections have caught up', ({ signal }) =>
  checkDeletedText(signal, undefined, ['posts']));
