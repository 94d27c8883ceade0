import { describe, it } from 'vitest';
import { given } from '../../../../tests/support/decisions.ts';
import type { KnownWithQuotes } from '../quotes.ts';
import { revokeQuote } from './quote.ts';
import { setPostPolicy } from './thread.ts';

const ann = '01890a5d-ac96-774b-bcce-b302099a8057';
const bob = '01890a5d-ac96-774b-bcce-b302099a8058';
const postId = '01890a5d-ac96-774b-bcce-b302099a8059';
const first = '01890a5d-ac96-774b-bcce-b302099a8060';

describe('revoking a quote', () => {
  const quote = {
    ...{ author: bob, isForEverybody: true },
    ...{ consent: true, quotePolicy: undefined, quotedAuthor: ann },
  } as const;
  const revoking = (known: KnownWithQuotes | 'absent' | 'unknown', actor: string) =>
    given(known).when(revokeQuote, actor, { postId });
  const fact = { name: 'rookery.post.quote-revoked', subject: postId, data: {} } as const;

  it('is for the author of the quoted post', () => revoking(quote, ann).thenFact(fact));
  it('is forbidden to anybody else, and for a post without a quote alike', () => {
    revoking(quote, bob).thenRefused('FORBIDDEN', 'postId');
    revoking({ ...quote, quotedAuthor: undefined }, ann).thenRefused('FORBIDDEN', 'postId');
  });
  it('finds no post that is deleted, hidden or never was', () =>
    revoking('absent', ann).thenRefused('NOT_FOUND'));
  it('is accepted if no store could be asked', () => revoking('unknown', bob).thenFact(fact));
});

it('the policy of quotes is set for a reply as well', () =>
  given({
    ...{ author: ann, isForEverybody: true },
    ...{ thread: first, threadAuthor: bob, refusedBy: undefined },
  })
    .when(setPostPolicy, ann, { postId, quotePolicy: 'NOBODY' } as const)
    .thenFact({ name: 'rookery.post.policy-set', subject: postId, data: { quotes: 'NOBODY' } }));
