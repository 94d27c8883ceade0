import { clusterFault, textFault } from './characters.ts';

/**
 * A code point that shows something. Format characters show nothing, except those that enclose the digits after them
 * (Prepended_Concatenation_Mark). The single code points are blank by design, although no property says so:
 * blank braille pattern, object replacement, Egyptian blanks, Khitan filler, Duployan selector, musical null notehead.
 */
const visible =
  /[^[\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\p{Cc}\u2800\ufffc\u{13441}\u{13442}\u{16fe4}\u{1bc9d}\u{1d159}[\p{Cf}--[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}]]]]/v;

/** Returns why people cannot read this text, or undefined if they can. An empty text passes if `min` is 0. */
export const visibleTextFault = (text: string, min: number, max: number): string | undefined =>
  textFault(text, min, max) ??
  clusterFault(text) ??
  (text === '' || visible.test(text)
    ? undefined
    : 'must show something: spaces and invisible characters do not');

const lineBreakOrControl = /[\p{Cc}\p{Zl}\p{Zp}]/u;

/**
 * Reads a name, which others see inside their own lines: in Unicode's composed form, without white space around it.
 * @returns the name, or why it is none
 */
export const readName = (
  text: string,
  max: number,
): { readonly name: string } | { readonly fault: string } => {
  const fault = visibleTextFault(text, 1, max);
  if (fault !== undefined) return { fault };
  if (lineBreakOrControl.test(text)) return { fault: 'must not hold line breaks or control characters' };
  if (!isBidiBalanced(text)) return { fault: 'must close every bidirectional control that it opens' };
  const name = text.normalize('NFC').trim();
  // Some characters are longer in composed form.
  const composedFault = visibleTextFault(name, 1, max);
  return composedFault === undefined ? { name } : { fault: composedFault };
};

/** Closers of bidirectional embeddings, overrides and isolates by what opens them (UAX 9). */
const closers: Readonly<Record<string, string>> = {
  '\u202a': '\u202c',
  '\u202b': '\u202c',
  '\u202d': '\u202c',
  '\u202e': '\u202c',
  '\u2066': '\u2069',
  '\u2067': '\u2069',
  '\u2068': '\u2069',
};

/** Returns whether the text leaves the direction of the text around it alone. */
const isBidiBalanced = (text: string): boolean => {
  const open: string[] = [];
  for (const [control] of text.matchAll(/[\u202a-\u202e\u2066-\u2069]/gu)) {
    const closer = closers[control];
    if (closer !== undefined) open.push(closer);
    else if (open.pop() !== control) return false;
  }
  return open.length === 0;
};
