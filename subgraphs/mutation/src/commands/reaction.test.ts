import { eventKinds } from '@rookery/schema/events';
import { describe, expect, it } from 'vitest';
import { given } from '../../../../tests/support/decisions.ts';
import * as reactions from './reaction.ts';

const ann = '01890a5d-ac96-774b-bcce-b302099a8057';
const postId = '01890a5d-ac96-774b-bcce-b302099a8059';

/** `likePost` emits `rookery.post.liked`. */
const nameOf = (field: string): string => {
  const verb = field.replace('Post', '');
  return `rookery.post.${verb}${verb.endsWith('e') ? 'd' : 'ed'}`;
};

describe.each(Object.entries(reactions))('%s', (field, command) => {
  const kind = Object.values(eventKinds).find(({ verb }) => verb === command.verb);
  if (!kind || !('name' in kind)) throw new Error(`no event has the verb ${command.verb}`);

  it('emits the event of its name', () => expect(kind.name).toBe(nameOf(field)));
  it.each([{ author: ann }, 'unknown'] as const)('is a fact about the post (%j)', (known) =>
    given(known)
      .when(command, ann, { postId })
      .thenFact({ name: nameOf(field) as 'rookery.post.liked', subject: postId, data: {} }),
  );
  it('finds no post that is not there', () =>
    given('absent' as const)
      .when(command, ann, { postId })
      .thenRefused('NOT_FOUND'));
});
