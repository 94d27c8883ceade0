import { fold } from './fold.ts';
import { hashtagsOf } from './hashtags.ts';

/*
 * The terms by which texts are found (docs/adr/search.md): words, letters and pairs of letters of scripts that put no spaces between words,
 * pictographs, and the beginnings of hashtags and of names.
 */

/** Terms of a post; what its text has beyond them is not found. */
const maxOfPost = 500;
/** Terms of a person. */
const maxOfPerson = 150;
/** Code points of a term; a longer word is found by its beginning. */
const maxLength = 40;
/** Code points of the beginning of a name or hashtag that is a term; the rest of the search is compared. */
const maxStart = 8;

/** Scripts without spaces between words, and Korean, which adds particles to them. */
const spaceless = String.raw`[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー々]`;
const parts = new RegExp(
  String.raw`(?<run>${spaceless}+)|(?<word>(?:(?!${spaceless})[\p{L}\p{M}\p{Nd}\p{Pc}])+)|(?<sign>\p{Extended_Pictographic})`,
  'gu',
);

/** Returns a text as it is compared: folded, and without the accents of Latin and Greek letters, which many leave out. */
const toSearchForm = (text: string): string =>
  fold(text)
    .normalize('NFD')
    .replace(/(?<=[\p{Script=Latin}\p{Script=Greek}])[\u0300-\u036f]+/gu, '')
    .normalize('NFC');

const cut = (word: string, length: number): string =>
  word.length <= length ? word : [...word].slice(0, length).join('');

const pairsIn = (run: string): string[] => {
  const letters = [...run];
  return letters.slice(1).map((letter, i) => `${letters[i]}${letter}`);
};

const startsOf = (word: string): string[] => {
  const letters = [...word].slice(0, maxStart);
  return letters.map((_, i) => letters.slice(0, i + 1).join(''));
};

interface Part {
  readonly kind: 'run' | 'word' | 'sign';
  readonly text: string;
}

const partsOf = function* (text: string): Iterable<Part> {
  for (const { groups = {} } of toSearchForm(text).matchAll(parts)) {
    for (const kind of ['run', 'word', 'sign'] as const) {
      const found = groups[kind];
      if (found !== undefined) yield { kind, text: found };
    }
  }
};

/** Collects distinct terms up to a number. */
const collect = (max: number, terms: Iterable<string>): string[] => {
  const found = new Set<string>();
  for (const term of terms) {
    if (found.size === max) break;
    found.add(term);
  }
  return [...found];
};

const termsOfPart = ({ kind, text }: Part): string[] =>
  kind === 'run' ? [...text, ...pairsIn(text)] : [cut(text, maxLength)];

/** Returns the terms by which a post is found, with the beginnings of its hashtags, each after a `#`. */
export const termsOfPost = (body: string): string[] =>
  collect(
    maxOfPost,
    (function* () {
      for (const hashtag of hashtagsOf(body)) yield* startsOf(hashtag).map((start) => `#${start}`);
      for (const part of partsOf(body)) yield* termsOfPart(part);
    })(),
  );

/** The words of a person: of the name, the handle, and each part of the handle. */
const wordsOfPerson = (handle: string, name: string): Part[] => [
  ...partsOf(handle),
  ...partsOf(`${handle.replaceAll('_', ' ')} ${name}`),
];

/** Returns the terms by which a person is found: the beginnings of the words. */
export const termsOfPerson = (handle: string, name: string): string[] =>
  collect(
    maxOfPerson,
    wordsOfPerson(handle, name).flatMap((part) =>
      part.kind === 'word' ? startsOf(part.text) : termsOfPart(part),
    ),
  );

/** Returns the term that all hashtags with this beginning have. */
export const termOfHashtagStart = (start: string): string => `#${cut(start, maxStart)}`;

/** A search, as the read models answer it. */
export interface Search<Text> {
  /** The same for all spellings of the same search. */
  readonly key: string;
  /** Terms that everything that is found has, the longest first. */
  readonly terms: readonly string[];
  /** Returns whether something that has all terms is found. */
  matches(text: Text): boolean;
}

const longestFirst = (terms: readonly string[]): string[] =>
  [...new Set(terms)].sort((a, b) => b.length - a.length);

/** A letter alone is its own term; of more letters the pairs say enough. */
const termsOfRun = (run: string): string[] => {
  const pairs = pairsIn(run);
  return pairs.length === 0 ? [run] : pairs;
};

/** Returns the search for posts with all words of a text. */
export const searchForPosts = (query: string): Search<string> => {
  const wanted = [...partsOf(query)];
  const runs = wanted.flatMap(({ kind, text }) => (kind === 'run' && text.length > 2 ? [text] : []));
  return {
    key: wanted.map(({ text }) => text).join(' '),
    terms: longestFirst(
      wanted.flatMap((part) => (part.kind === 'run' ? termsOfRun(part.text) : termsOfPart(part))),
    ),
    // Pairs may be in other places than the run.
    matches: (body) => {
      if (runs.length === 0) return true;
      const text = toSearchForm(body);
      return runs.every((run) => text.includes(run));
    },
  };
};

/** Returns the search for people, each word of the text being the beginning of one of theirs. */
export const searchForPeople = (
  query: string,
): Search<{ readonly handle: string; readonly name: string }> => {
  const wanted = [...partsOf(query)];
  return {
    key: wanted.map(({ text }) => text).join(' '),
    terms: longestFirst(
      wanted.flatMap(({ kind, text }) => (kind === 'run' ? termsOfRun(text) : [cut(text, maxStart)])),
    ),
    matches: ({ handle, name }) => {
      const words = wordsOfPerson(handle, name);
      return wanted.every(({ kind, text }) =>
        words.some((word) => (kind === 'run' ? word.text.includes(text) : word.text.startsWith(text))),
      );
    },
  };
};
