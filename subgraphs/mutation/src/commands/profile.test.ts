import { it } from 'vitest';
import { given } from '../../../../tests/support/decisions.ts';
import { updateProfile } from './profile.ts';

const ann = '01890a5d-ac96-774b-bcce-b302099a8057';

it.each([{ name: 'Ann' }, { bio: 'Reads.' }, { bio: '' }, { bio: null }, { name: 'Ann', bio: 'Reads.' }])(
  'changes what is named, and nothing else: %j',
  (input) =>
    given(undefined)
      .when(updateProfile, ann, { name: undefined, ...input })
      .thenFact({ name: 'rookery.user.profile-updated', subject: ann, data: input }),
);

it('refuses to change nothing', () =>
  given(undefined).when(updateProfile, ann, { name: undefined }).thenRefused('BAD_USER_INPUT', 'input'));
