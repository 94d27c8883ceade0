import { mustModerate } from '../access.ts';
import type { PageRoom } from '../answer-size/weigh.ts';
import { type Connection, toConnection } from '../connection.ts';
import type { QueryContext } from '../context.ts';
import { defineCursorKind } from '../cursor.ts';
import type { ModerationModel } from '../models.ts';
import { readPage } from '../page.ts';
import { type PageArgs, pageRequest } from '../page-request.ts';

const cursorKind = defineCursorKind('moderationLog');

/** Reads what moderators have done, the newest first, about everything or one object. */
export const readModerationLog = async (
  context: QueryContext,
  { about, ...args }: PageArgs & { readonly about?: string | null | undefined },
  room: PageRoom<ModerationModel>,
): Promise<Connection<ModerationModel>> => {
  mustModerate(context);
  const {
    reader,
    sources: { cursors },
  } = context;
  const owner = about ?? '';
  const page = await readPage(
    {
      order: 'desc',
      candidates: async (after, direction, limit) => {
        const found = await reader.collection('moderations').page({
          where: about === null || about === undefined ? {} : { object: about },
          orderBy: 'position',
          direction,
          after,
          limit,
        });
        return found.map(({ id, doc }) => ({ id, doc, position: doc.position }));
      },
      view: {
        hydrate: async (entry) => entry,
        isVisible: (entry): entry is typeof entry => true,
        present: ({ id, doc: { actor, verb, object, reason, at } }): ModerationModel => ({
          ...{ id, verb, reason, at, about: object },
          moderator: actor,
        }),
      },
    },
    pageRequest(args, cursors, cursorKind, owner),
    room,
  );
  return toConnection(cursors, cursorKind, owner, page);
};
