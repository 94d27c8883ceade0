import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { expectRefusal } from '../../../tests/support/decisions.ts';
import { logInInput, signUpInput } from './commands/account.ts';
import { editPost, publishPost } from './commands/post.ts';
import { updateProfile } from './commands/profile.ts';
import { keyed, parseInput } from './input.ts';

const marks = `a${'\u0301'.repeat(100_000)}`;
const signUp = { handle: 'ann', name: 'Ann', password: 'long enough' };

describe('an input that is wrong names its field', () => {
  it.each<[string, z.ZodType, object]>([
    ['body', publishPost.input, { body: '' }],
    ['body', publishPost.input, { body: 'x'.repeat(5_001) }],
    ['body', publishPost.input, { body: marks }],
    ['body', publishPost.input, { body: 'a\0b' }],
    ['body', editPost.input, { postId: 'x', body: '\ud800' }],
    ['name', signUpInput, { ...signUp, name: '' }],
    ['name', signUpInput, { ...signUp, name: 'x'.repeat(81) }],
    ['body', publishPost.input, { body: '\u3164' }],
    ['body', editPost.input, { postId: 'x', body: ' \u200b\n' }],
    ['body', publishPost.input, { body: `a${'\u0301'.repeat(11)}` }],
    ['name', signUpInput, { ...signUp, name: '\u2800' }],
    ['name', signUpInput, { ...signUp, name: 'Ann\nLee' }],
    ['name', updateProfile.input, { name: '\u202eAnn' }],
    ['name', updateProfile.input, { name: `a${'\u0301'.repeat(1_400)}` }],
    ['bio', updateProfile.input, { bio: '\u200b' }],
    ['bio', updateProfile.input, { bio: `a${'\u0301'.repeat(2_000)}` }],
    ['password', signUpInput, { ...signUp, password: '1234567' }],
    ['password', signUpInput, { ...signUp, password: 'x'.repeat(129) }],
    ['password', logInInput, { handle: 'ann', password: marks }],
    ['name', updateProfile.input, { name: '' }],
    ['bio', updateProfile.input, { bio: 'x'.repeat(501) }],
    ['idempotencyKey', keyed, { idempotencyKey: '' }],
    ['idempotencyKey', keyed, { idempotencyKey: 'x'.repeat(201) }],
    ['idempotencyKey', keyed, { idempotencyKey: 'e\u0301'.repeat(101) }],
  ])('%s', (field, schema, input) => expectRefusal(() => parseInput(schema, input), 'BAD_USER_INPUT', field));
});

describe('an input that is right', () => {
  it.each<[z.ZodType, object]>([
    [publishPost.input, { body: '\u202edrop table users; --' }],
    [publishPost.input, { body: 'x'.repeat(5_000) }],
    [updateProfile.input, { bio: '' }],
    [updateProfile.input, { bio: null }],
    [signUpInput, { ...signUp, password: '🔑'.repeat(8) }],
    // A password is typed and never read, and one of an older version must still let in.
    [signUpInput, { ...signUp, password: ' '.repeat(8) }],
    [logInInput, { handle: 'ann', password: `a${'\u0301'.repeat(100)}` }],
    [keyed, { idempotencyKey: 'x'.repeat(200) }],
  ])('passes exactly as it is', (schema, input) => expect(parseInput(schema, input)).toEqual(input));

  it('has its name in the composed form, without white space around it', () => {
    expect(parseInput(updateProfile.input, { name: ' Zoe\u0308 ' })).toEqual({ name: 'Zoë' });
    expect(parseInput(signUpInput, { ...signUp, name: 'Ann ' })).toEqual(signUp);
  });

  it('may say null for what is absent', () => {
    expect(parseInput(keyed, { idempotencyKey: null }).idempotencyKey).toBeUndefined();
    expect(parseInput(publishPost.input, { body: 'x', inReplyTo: null })).toEqual({ body: 'x' });
  });
});
