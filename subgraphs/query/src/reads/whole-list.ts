import type { PageRoom } from '../answer-size/weigh.ts';
import { type Connection, toConnection } from '../connection.ts';
import type { QueryContext } from '../context.ts';
import type { CursorKind } from '../cursor.ts';
import { type PageSource, type Placed, readPage } from '../page.ts';
import { type PageArgs, pageRequest } from '../page-request.ts';
import type { View } from '../pipeline.ts';

interface Entry<Model> extends Placed {
  readonly model: Model;
}

/** A list whose entries the viewer may see, all of them. */
const wholeView = <Model>(): View<Entry<Model>, Entry<Model>, Entry<Model>, Model> => ({
  hydrate: async (entry) => entry,
  isVisible: (entry): entry is typeof entry => true,
  present: ({ model }) => model,
});

type ReadEntries<Model> = PageSource<Entry<Model>, Entry<Model>, Entry<Model>, Model>['candidates'];

/** Reads a list, the newest first, whose entries the viewer may see. @param scope of its cursors */
export const readWhole = async <Model>(
  { sources: { cursors } }: QueryContext,
  { args, room }: { readonly args: PageArgs; readonly room: PageRoom<Model> },
  { cursor, scope }: { readonly cursor: CursorKind; readonly scope: string },
  candidates: ReadEntries<Model>,
): Promise<Connection<Model>> => {
  const source = { order: 'desc', candidates, view: wholeView<Model>() } as const;
  const page = await readPage(source, pageRequest(args, cursors, cursor, scope), room);
  return toConnection(cursors, cursor, scope, page);
};
