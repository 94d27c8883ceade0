import { it } from 'vitest';
import { checkCrash } from './check-crash.ts';
import { longHistory } from './long-history.ts';

it('a projector that dies after it has applied a batch leaves nothing undone or doubled', () =>
  checkCrash('after-apply:3', longHistory));
