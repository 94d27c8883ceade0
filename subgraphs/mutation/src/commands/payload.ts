import type { Envelope } from '@rookery/schema/events';

/** Returns the part of a payload that shows the post that the event is about. */
export const itsPost = ({ subject }: Envelope) => ({ post: { id: subject } });
/** Returns the part of a payload that shows the user whom the event is about. */
export const itsUser = ({ subject }: Envelope) => ({ user: { id: subject } });

/** Returns the part of a payload that shows the list that the event is about. */
export const itsList = ({ subject }: Envelope) => ({ list: { id: subject } });

/** Returns a feed item as caches call it that put the type before the id. */
export const itemKey = (id: string): string => `FeedItem:${id}`;
