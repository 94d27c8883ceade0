import { eventKinds } from '@rookery/schema/events';
import { type Collection, defineCollection, newer, type Version, versionOf } from './define.ts';
import { trendKeyOf } from './trends.ts';

const { hashtagBarred, hashtagAllowed } = eventKinds;

/** `barredHashtags/<key of the hashtag>`: the newest act of a moderator about whether it may trend. */
export interface BarredHashtagDoc {
  readonly barred: boolean;
  readonly version: Version;
}

export const barredHashtags: Collection<BarredHashtagDoc, never> = defineCollection<BarredHashtagDoc>()({
  indexes: [],
  on: [hashtagBarred, hashtagAllowed],
  affectedIds: ({ event }) => [trendKeyOf(event.data.hashtag)],
  merge: (doc, recorded) => {
    const version = versionOf(recorded);
    if (doc && !newer(version, doc.version)) return doc;
    return { barred: recorded.event.name === hashtagBarred.name, version };
  },
});
