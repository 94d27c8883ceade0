import { type Fact, kind } from './facts.ts';

/** Mutes of threads and words, for the model of histories: they have not ended by themselves. */
export interface Mutes {
  /** Returns whether a person mutes the thread of a post. */
  mutesThread(person: string, post: string): boolean;
  /** Returns whether a person mutes a word of a post by somebody else. */
  mutesWordOf(person: string, post: string): boolean;
  /** Words that a person mutes. */
  mutedWords(person: string): string[];
}

/** Things that people mute by two kinds of events, as `person thing`. */
const mutedBy = (
  facts: readonly Fact[],
  [on, off]: readonly [string, string],
  nameOf: (event: Fact['event']) => string,
): ReadonlySet<string> => {
  const muted = new Set<string>();
  for (const fact of facts) {
    const name = `${fact.event.actor} ${nameOf(fact.event)}`;
    if (kind(fact) === on) muted.add(name);
    if (kind(fact) === off) muted.delete(name);
  }
  return muted;
};

/** Returns whether a text of words between spaces has a word, which may be a hashtag or several. */
const hasWord = (text: string, word: string): boolean => {
  const [all, wanted] = [text, word].map((each) => each.toLowerCase().split(' ')) as [string[], string[]];
  return all.some((_, from) => wanted.every((part, i) => [part, `#${part}`].includes(all[from + i] ?? '')));
};

interface Text {
  readonly author: string;
  readonly thread: string;
  readonly body: string | null;
}

export const mutesOf = (facts: readonly Fact[], posts: ReadonlyMap<string, Text>): Mutes => {
  const threads = mutedBy(facts, ['thread-muted', 'thread-unmuted'], ({ subject }) => subject);
  const words = mutedBy(facts, ['word-muted', 'word-unmuted'], ({ data }) => (data as { word: string }).word);
  const mutedWords = (person: string): string[] =>
    [...words].flatMap((name) => (name.startsWith(`${person} `) ? [name.slice(person.length + 1)] : []));
  return {
    mutedWords,
    mutesThread: (person, post) => threads.has(`${person} ${posts.get(post)?.thread}`),
    mutesWordOf: (person, post) => {
      const { author = person, body = null } = posts.get(post) ?? {};
      return author !== person && mutedWords(person).some((word) => hasWord(body ?? '', word));
    },
  };
};
