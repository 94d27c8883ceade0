import { describe, it } from 'vitest';
import { given } from '../../../../tests/support/decisions.ts';
import { likePost, sharePost, unlikePost, unsharePost } from './reaction.ts';

const ann = '01890a5d-ac96-774b-bcce-b302099a8057';
const postId = '01890a5d-ac96-774b-bcce-b302099a8059';

describe.each([
  { command: likePost, name: 'rookery.post.liked' },
  { command: unlikePost, name: 'rookery.post.unliked' },
  { command: sharePost, name: 'rookery.post.shared' },
  { command: unsharePost, name: 'rookery.post.unshared' },
] as const)('$command.verb', ({ command, name }) => {
  it.each([{ author: ann }, 'unknown'] as const)('is a fact about the post (%j)', (known) =>
    given(known).when(command, ann, { postId }).thenFact({ name, subject: postId, data: {} }),
  );
  it('finds no post that is not there', () =>
    given('absent' as const)
      .when(command, ann, { postId })
      .thenRefused('NOT_FOUND'));
});
