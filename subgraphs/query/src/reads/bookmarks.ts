import { defineCursorKind } from '../cursor.ts';
import { fewSpare } from '../page.ts';
import { postView } from '../views.ts';
import { viewersList } from './viewers-list.ts';

/** Reads the posts that the viewer has bookmarked, the newest bookmark first. Nobody else can read them. */
export const readBookmarks = viewersList('bookmarks', defineCursorKind('bookmarks'), {
  viewOf: postView,
  spare: fewSpare,
});
