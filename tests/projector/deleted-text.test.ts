import { it } from 'vitest';
import { checkDeletedText } from './check-deleted-text.ts';

it('deleted text is gone from every generation as soon as the projections have caught up', ({ signal }) =>
  checkDeletedText(signal, undefined));
