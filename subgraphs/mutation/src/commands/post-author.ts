import { forbidden } from '@rookery/graphql-server';
import type { KnownPost } from '../hidden.ts';
import type { LookupResult } from '../lookup.ts';
import { mustBeThere } from './command.ts';

/** An unknown author passes: the projections ignore edits and deletions by others. */
export const mustBeAuthor = (actor: string, known: LookupResult<KnownPost>): void => {
  mustBeThere('Post', known);
  if (typeof known === 'object' && known.author !== actor) {
    throw forbidden('Only its author may change a post.');
  }
};
