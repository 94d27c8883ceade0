/** The kinds of text that a rule looks at. */
export type TextKind = 'comment' | 'string' | 'markdown';

/** One banned pattern of STYLE_GUIDE.md. */
export interface Rule {
  readonly name: string;
  readonly pattern: RegExp;
  /** The wording to use instead, for the person who reads the finding. */
  readonly use: string;
  readonly kinds: readonly TextKind[];
}

const prose: readonly TextKind[] = ['comment', 'markdown'];
const everywhere: readonly TextKind[] = ['comment', 'string', 'markdown'];

/** Nouns after which "where" names a place and not a condition. */
const places =
  'place|places|point|directory|folder|file|line|position|page|table|case|cases|spot|address|machine|host';

/**
 * The banned patterns. Each is matched against one sentence or phrase at a time, without code, so that a
 * backquoted name never counts.
 */
export const rules: readonly Rule[] = [
  {
    name: 'clause as subject',
    pattern: /^(?:Who(?:ever)?|What(?:ever)?|Where|Of|Whether|How)\b(?![\s\S]*\?)/,
    use: 'start with a verb or with the noun that the text is about',
    kinds: prose,
  },
  {
    name: 'where for if',
    pattern: new RegExp(`(?<!\\b(?:${places}) )(?<!\\bfrom )\\bwhere\\b`),
    use: '"if", "when" or "in which"',
    kinds: everywhere,
  },
  { name: 'anew', pattern: /\banew\b/i, use: '"again"', kinds: everywhere },
  {
    name: 'at the most',
    pattern: /\bat the (?:most|least)\b/i,
    use: '"at most", "at least"',
    kinds: everywhere,
  },
  { name: 'for want of', pattern: /\bfor want of\b/i, use: '"because … is missing"', kinds: everywhere },
  {
    name: 'is away',
    pattern: /\b(?:is|are|was|were|be|been|being|stays?|still|while|with [\w ]{1,30}) away\b/i,
    use: '"is down", "is unavailable"',
    kinds: everywhere,
  },
  {
    name: 'stands',
    pattern: /(?<!\b(?:it|also|to|not|cannot) )\bstands\b(?! for| out)/i,
    use: '"is", "is stored", "is listed"',
    kinds: everywhere,
  },
  {
    name: 'to be had',
    pattern: /\b(?:be|was|were|is|are) had\b/i,
    use: '"is available", "failed to fetch …"',
    kinds: everywhere,
  },
  { name: 'for ever', pattern: /\bfor ever\b/i, use: '"forever"', kinds: everywhere },
  { name: 'can not', pattern: /\bcan not\b/i, use: '"cannot"', kinds: everywhere },
  { name: 'nobody can', pattern: /\bNobody can\b/, use: '"You cannot …"', kinds: everywhere },
  {
    name: 'archaic word',
    pattern:
      /\b(?:whence|thence|thither|whither|lest|wherein|whereof|hereby|thereof|till|amiss|betimes|forthwith)\b/i,
    use: 'a word of today',
    kinds: everywhere,
  },
  { name: 'put to the test', pattern: /\bput to the test\b/i, use: '"checked"', kinds: everywhere },
  {
    name: 'what is',
    pattern: /\b(?:so is|as is|than|and|but|all|of) what (?:is|was|has|it|they)\b/,
    use: 'name the thing',
    kinds: prose,
  },
  {
    name: 'as it were',
    pattern: /\b(?:as it were|so to speak|by and by|as good as|in good time)\b/i,
    use: 'leave it out',
    kinds: everywhere,
  },
  {
    name: 'made known',
    pattern: /\b(?:is|are|was|were) (?:told|asked) (?:of|whether|after)\b/i,
    use: '"is notified", "is checked"',
    kinds: prose,
  },
];
