import { describe, expect, it } from 'vitest';
import { given } from '../../../../tests/support/decisions.ts';
import { approveFollow, followUser, rejectFollow, unfollowUser } from './relation.ts';

const ann = '01890a5d-ac96-774b-bcce-b302099a8057';
const bob = '01890a5d-ac96-774b-bcce-b302099a8058';

describe.each([
  { command: followUser, name: 'rookery.user.followed' },
  { command: unfollowUser, name: 'rookery.user.unfollowed' },
] as const)('$command.verb', ({ command, name }) => {
  it('is a fact about the user', () =>
    given({ id: bob, isProtected: false })
      .when(command, ann, { userId: bob })
      .thenFact({ name, subject: bob, data: {} }));
  it('finds no user who is not there', () =>
    given('absent' as const)
      .when(command, ann, { userId: bob })
      .thenRefused('NOT_FOUND'));
});

it.each([{ id: ann, isProtected: true }, 'absent', 'unknown'] as const)(
  'nobody follows themselves (%j)',
  (known) => given(known).when(followUser, ann, { userId: ann }).thenRefused('BAD_USER_INPUT', 'userId'),
);

it('undoing what can never hold succeeds', () =>
  given({ id: ann, isProtected: false })
    .when(unfollowUser, ann, { userId: ann })
    .thenFact({ name: 'rookery.user.unfollowed', subject: ann, data: {} }));

describe('following', () => {
  it('asks the owner of a protected account', () =>
    given({ id: bob, isProtected: true })
      .when(followUser, ann, { userId: bob })
      .thenFact({ name: 'rookery.user.follow-requested', subject: bob, data: {} }));

  it('says so if nobody could be asked whether the account is protected', () =>
    given('unknown' as const)
      .when(followUser, ann, { userId: bob })
      .thenFact({ name: 'rookery.user.followed', subject: bob, data: { unchecked: true } }));
});

describe.each([
  { command: approveFollow, name: 'rookery.user.follow-approved' },
  { command: rejectFollow, name: 'rookery.user.follow-rejected' },
] as const)('$command.verb', ({ command, name }) => {
  const known = { user: { id: bob, isProtected: false }, requestedAt: 7 };
  it('is a fact about the user, later than the request', () => {
    given(known).when(command, ann, { userId: bob }).thenFact({ name, subject: bob, data: {} });
    expect(command.notBefore?.(known)).toBe(7);
  });
  it('finds no user who is not there, and not oneself', () => {
    given({ user: 'absent' as const, requestedAt: 0 })
      .when(command, ann, { userId: bob })
      .thenRefused('NOT_FOUND');
    given(known).when(command, ann, { userId: ann }).thenRefused('BAD_USER_INPUT', 'userId');
  });
});
