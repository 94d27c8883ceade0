import { mustModerate } from '../access.ts';
import type { PageRoom } from '../answer-size/weigh.ts';
import type { Connection } from '../connection.ts';
import type { QueryContext } from '../context.ts';
import { defineCursorKind } from '../cursor.ts';
import type { ModerationModel } from '../models.ts';
import type { PageArgs } from '../page-request.ts';
import { readWhole } from './whole-list.ts';

const cursorKind = defineCursorKind('moderationLog');

/** Reads what moderators have done, the newest first, about everything or one object. */
export const readModerationLog = async (
  context: QueryContext,
  { about, ...args }: PageArgs & { readonly about?: string | null | undefined },
  room: PageRoom<ModerationModel>,
): Promise<Connection<ModerationModel>> => {
  mustModerate(context);
  return readWhole(
    context,
    { args, room },
    { cursor: cursorKind, scope: about ?? '' },
    async (after, direction, limit) => {
      const found = await context.reader.collection('moderations').page({
        where: about === null || about === undefined ? {} : { object: about },
        orderBy: 'position',
        direction,
        after,
        limit,
      });
      return found.map(({ id, doc: { actor, verb, object, reason, at, position } }) => ({
        position,
        model: { ...{ id, verb, reason, at, about: object }, moderator: actor },
      }));
    },
  );
};
