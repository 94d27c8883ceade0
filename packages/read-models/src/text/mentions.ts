/** Users whom a post can mention; further handles are text. */
const maxPerPost = 10;

/** Not after a letter, a digit or a sign of an address, and not the first half of one. */
const inText = /(?<![\p{L}\p{M}\p{Nd}_@/.=-])@([A-Za-z0-9_]{3,30})(?![\p{L}\p{M}\p{Nd}_@])/gu;

/** Returns the handles that a text mentions, in their one form and in the order of their first use. */
export const handlesIn = (text: string): readonly string[] => {
  if (!text.includes('@')) return [];
  const found = new Set<string>();
  for (const [, handle = ''] of text.matchAll(inText)) {
    found.add(handle.toLowerCase());
    if (found.size === maxPerPost) break;
  }
  return [...found];
};
