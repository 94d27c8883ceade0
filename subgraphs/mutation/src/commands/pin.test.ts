import { describe, it } from 'vitest';
import { given } from '../../../../tests/support/decisions.ts';
import { pinPost, unpinPost } from './pin.ts';

const ann = '01890a5d-ac96-774b-bcce-b302099a8057';
const bob = '01890a5d-ac96-774b-bcce-b302099a8058';
const postId = '01890a5d-ac96-774b-bcce-b302099a8059';
const byAnn = { author: ann, isForEverybody: true };

describe.each([
  [pinPost, 'rookery.post.pinned'],
  [unpinPost, 'rookery.post.unpinned'],
] as const)('a pin', (command, name) => {
  it('is for the author', () =>
    given(byAnn).when(command, ann, { postId }).thenFact({ name, subject: postId, data: {} }));
  it('is forbidden to anybody else', () =>
    given(byAnn).when(command, bob, { postId }).thenRefused('FORBIDDEN'));
  it('finds no post that is not there', () =>
    given('absent' as const)
      .when(command, ann, { postId })
      .thenRefused('NOT_FOUND'));
});
