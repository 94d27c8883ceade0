/** The parts of a live stream, for tests that consume one without a socket. */
export { createContext, type QueryContext } from './context.ts';
export { openHints } from './hints.ts';
export { liveFriendsFeed } from './live/friends-feed.ts';
export { openSources, sourceSettings } from './sources.ts';
