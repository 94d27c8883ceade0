import { defineCursorKind } from '../cursor.ts';
import { blockedView, mutedView } from '../views.ts';
import { viewersList } from './viewers-list.ts';

/** Reads the users whom the viewer blocks, the newest block first. Nobody else can read them. */
export const readBlockedUsers = viewersList('blocks', defineCursorKind('blockedUsers'), {
  viewOf: blockedView,
});

/** Reads the users whom the viewer mutes, the newest mute first. Nobody else can read them. */
export const readMutedUsers = viewersList('mutes', defineCursorKind('mutedUsers'), { viewOf: mutedView });
