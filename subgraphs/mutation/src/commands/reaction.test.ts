import { eventKinds } from '@rookery/schema/events';
import { describe, expect, it } from 'vitest';
import { given } from '../../../../tests/support/decisions.ts';
import { type Toggle, toggles } from '../../../../tests/support/model/toggles.ts';
import * as reactions from './reaction.ts';

const ann = '01890a5d-ac96-774b-bcce-b302099a8057';
const postId = '01890a5d-ac96-774b-bcce-b302099a8059';

/** Returns the name of the event that the table of toggles has for a field of Mutation. */
const nameOf = (field: string): string => {
  const events = Object.values<Toggle>(toggles).flatMap(({ fields, events }) =>
    fields.flatMap((one, i) => (one === field ? events[i as 0 | 1] : [])),
  );
  expect(events).toHaveLength(1);
  return events.join().replace(/\.v\d+$/, '');
};

describe.each(Object.entries(reactions))('%s', (field, command) => {
  const kind = Object.values(eventKinds).find(({ verb }) => verb === command.verb);
  if (!kind || !('name' in kind)) throw new Error(`no event has the verb ${command.verb}`);

  it('emits the event of its name', () => expect(kind.name).toBe(nameOf(field)));
  it.each([{ author: ann, isForEverybody: true }, 'unknown'] as const)(
    'is a fact about the post (%j)',
    (known) =>
      given(known)
        .when(command, ann, { postId })
        .thenFact({ name: nameOf(field) as 'rookery.post.liked', subject: postId, data: {} }),
  );
  it('finds no post that is not there', () =>
    given('absent' as const)
      .when(command, ann, { postId })
      .thenRefused('NOT_FOUND'));
});

it('sharing is forbidden if not everybody may see the post', () =>
  given({ author: ann, isForEverybody: false })
    .when(reactions.sharePost, ann, { postId })
    .thenRefused('FORBIDDEN'));
