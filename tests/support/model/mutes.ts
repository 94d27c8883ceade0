import { type Fact, kind } from './facts.ts';

/** Mutes of people, threads and words, for the model of histories: in force until they end by themselves. */
export interface Mutes {
  /** Returns whether a person mutes another. */
  mutesPerson(person: string | null, other: string): boolean;
  /** First posts of muted threads, as `person post`, and words, as `person word`, whose mutes may have ended by themselves. */
  readonly muted: { readonly threads: ReadonlySet<string>; readonly words: ReadonlySet<string> };
  /** Returns whether a person mutes the thread of a post. */
  mutesThread(person: string, post: string): boolean;
  /** Returns whether a person mutes a word of a post by somebody else. */
  mutesWordOf(person: string, post: string): boolean;
  /** Words that a person mutes. */
  mutedWords(person: string): string[];
}

/** Mutes as `person thing`, with the time at which each ends in milliseconds since the epoch. */
type Ends = ReadonlyMap<string, number>;

/** Applies mutes of one kind, each of which replaces the one before. */
const mutedBy = (
  facts: readonly Fact[],
  [on, off]: readonly [string, string],
  nameOf: (event: Fact['event']) => string,
): Ends => {
  const ends = new Map<string, number>();
  for (const fact of facts) {
    const name = `${fact.event.actor} ${nameOf(fact.event)}`;
    const { until } = (fact.event.data ?? {}) as { readonly until?: string };
    if (kind(fact) === on) ends.set(name, until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until));
    if (kind(fact) === off) ends.delete(name);
  }
  return ends;
};

const isInForce = (ends: Ends, name: string): boolean => (ends.get(name) ?? 0) > Date.now();

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
  const people = mutedBy(facts, ['muted', 'unmuted'], ({ subject }) => subject);
  const threads = mutedBy(facts, ['thread-muted', 'thread-unmuted'], ({ subject }) => subject);
  const words = mutedBy(facts, ['word-muted', 'word-unmuted'], ({ data }) => (data as { word: string }).word);
  const mutedWords = (person: string): string[] =>
    [...words.keys()].flatMap((name) =>
      name.startsWith(`${person} `) && isInForce(words, name) ? [name.slice(person.length + 1)] : [],
    );
  return {
    muted: { threads: new Set(threads.keys()), words: new Set(words.keys()) },
    mutedWords,
    mutesPerson: (person, other) => isInForce(people, `${person} ${other}`),
    mutesThread: (person, post) => isInForce(threads, `${person} ${posts.get(post)?.thread}`),
    mutesWordOf: (person, post) => {
      const { author = person, body = null } = posts.get(post) ?? {};
      return author !== person && mutedWords(person).some((word) => hasWord(body ?? '', word));
    },
  };
};
