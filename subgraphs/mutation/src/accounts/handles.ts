import unhomoglyph from 'unhomoglyph';

const pattern = /^[a-z0-9_]{3,30}$/;

/** Longest text, in UTF-16 code units, that is worth a look: a handle has 30. */
const longest = 200;

/** A handle as a client wrote it, read. */
export interface HandleClaim {
  /** Canonical form, which must be unique; undefined if the text is no handle. */
  readonly handle: string | undefined;
  /** Its appearance, letter by letter, for comparison with the skeletons of taken handles (UTS 39, section 4). */
  readonly skeletons: readonly string[];
}

/** Unicode's compatibility form, in lower case: what differs only in that is the same handle. */
const fold = (text: string): string => text.normalize('NFKC').toLowerCase();

/**
 * Returns the skeleton of a handle: equal for all handles that can be confused. Applied twice, since the
 * lower case of a capital may look like another letter: Cyrillic М looks like M, and m looks like rn.
 */
export const skeleton = (handle: string): string =>
  unhomoglyph(unhomoglyph(handle).toLowerCase()).toLowerCase();

export const readHandle = (text: string): HandleClaim => {
  // Postgres takes no NUL, and nothing that a handle can have looks like it.
  if (text.length > longest || !text.isWellFormed() || text.includes('\0'))
    return { handle: undefined, skeletons: [] };
  const folded = fold(text);
  return {
    handle: pattern.test(folded) ? folded : undefined,
    // A capital can look like another letter than its small form does: Cyrillic В like B, в like nothing.
    skeletons: [...new Set([skeleton(folded), skeleton(text.normalize('NFKC'))])],
  };
};
