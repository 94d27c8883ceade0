import { Lexer, Source, TokenKind } from 'graphql';

/**
 * Whether a text has more lexical tokens than may be. Reads no further than that, and nothing is built from it;
 * what is not GraphQL is left to the parser.
 */
export const hasMoreTokens = (text: string, most: number): boolean => {
  // A token takes a character, and most of them one of white space or more.
  if (text.length <= most) return false;
  const lexer = new Lexer(new Source(text));
  try {
    for (let count = 0; count <= most; count++) if (lexer.advance().kind === TokenKind.EOF) return false;
  } catch {
    return false;
  }
  return true;
};
