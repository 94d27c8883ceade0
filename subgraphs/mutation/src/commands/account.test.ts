import { describe, expect, it } from 'vitest';
import { expectRefusal } from '../../../../tests/support/decisions.ts';
import { readHandle } from '../accounts/handles.ts';
import { decideSignUp } from './account.ts';

describe('signing up', () => {
  it('takes a free handle, in its one form', () =>
    expect(decideSignUp(readHandle('Ann_Lee'), false, 'Ann')).toEqual({
      name: 'rookery.user.signed-up',
      data: { handle: 'ann_lee', name: 'Ann' },
    }));

  it('is refused if the handle is taken', () =>
    expectRefusal(() => decideSignUp(readHandle('ann'), true, 'Ann'), 'CONFLICT', 'handle'));

  it('is refused if it looks like a handle that is taken', () =>
    expectRefusal(() => decideSignUp(readHandle('аnn'), true, 'Ann'), 'CONFLICT', 'handle'));

  it.each(['аnn', 'an', 'ann lee', 'ann\0'])('is refused if the handle is %j', (text) =>
    expectRefusal(() => decideSignUp(readHandle(text), false, 'Ann'), 'BAD_USER_INPUT', 'handle'),
  );
});
