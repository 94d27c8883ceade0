import { defineCursorKind } from '../cursor.ts';
import { viewersPosts } from './viewers-posts.ts';

/** Reads the posts that the viewer has bookmarked, the newest bookmark first. Nobody else can read them. */
export const readBookmarks = viewersPosts('bookmarks', defineCursorKind('bookmarks'));
