import { type MutedWordDoc, toPattern } from '@rookery/read-models';
import { isMuted, type MutedWord, maxMutedWords } from '@rookery/read-models/visibility';
import { type QueryContext, viewerOf } from '../context.ts';
import type { MutedWordModel } from '../models.ts';
import type { Reader } from '../read-store.ts';

/** A word that a viewer mutes, with what the rules need of it: made once, however many texts it is looked for in. */
export type ViewersWord = MutedWordDoc & MutedWord;

/** Reads the words that a viewer mutes: those that end last, so that one that has ended takes the place of none in force. */
export const readMutedWords = async (
  reader: Reader,
  viewer: string | null,
): Promise<readonly ViewersWord[]> => {
  if (viewer === null) return [];
  const found = await reader.collection('mutedWords').page({
    where: { actor: viewer, active: true },
    orderBy: 'ends',
    direction: 'desc',
    after: Number.MAX_SAFE_INTEGER,
    limit: maxMutedWords,
  });
  return found.map(({ doc }) => ({ ...doc, pattern: toPattern(doc.word), ends: doc.ends ?? 0 }));
};

/** Reads the words that the viewer mutes, the newest first. Nobody else can read them. */
export const listMutedWords = async (context: QueryContext): Promise<MutedWordModel[]> => {
  viewerOf(context);
  const words = await context.loaders.viewersWords();
  const now = Date.now();
  return words
    .filter((mute) => isMuted({ mutes: [mute], now }))
    .toSorted((a, b) => (b.position ?? 0) - (a.position ?? 0))
    .map(({ word, until = null }) => ({ word, until }));
};
