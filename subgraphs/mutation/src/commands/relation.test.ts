import { describe, it } from 'vitest';
import { given } from '../../../../tests/support/decisions.ts';
import { followUser, unfollowUser } from './relation.ts';

const ann = '01890a5d-ac96-774b-bcce-b302099a8057';
const bob = '01890a5d-ac96-774b-bcce-b302099a8058';

describe.each([
  { command: followUser, name: 'rookery.user.followed' },
  { command: unfollowUser, name: 'rookery.user.unfollowed' },
] as const)('$command.verb', ({ command, name }) => {
  it.each([{ id: bob }, 'unknown'] as const)('is a fact about the user (%j)', (known) =>
    given(known).when(command, ann, { userId: bob }).thenFact({ name, subject: bob, data: {} }),
  );
  it('finds no user who is not there', () =>
    given('absent' as const)
      .when(command, ann, { userId: bob })
      .thenRefused('NOT_FOUND'));
});

it.each([{ id: ann }, 'absent', 'unknown'] as const)('nobody follows themselves (%j)', (known) =>
  given(known).when(followUser, ann, { userId: ann }).thenRefused('BAD_USER_INPUT', 'userId'),
);

it('undoing what can never hold succeeds', () =>
  given({ id: ann })
    .when(unfollowUser, ann, { userId: ann })
    .thenFact({ name: 'rookery.user.unfollowed', subject: ann, data: {} }));
