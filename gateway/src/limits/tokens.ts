import { Lexer, Source, TokenKind } from 'graphql';

/**
 * Returns whether a text has more lexical tokens than allowed. Stops reading at the limit and builds nothing;
 * invalid GraphQL is left to the parser.
 */
export const hasMoreTokens = (text: string, maxTokens: number): boolean => {
  // A token takes a character, and most of them one of white space or more.
  if (text.length <= maxTokens) return false;
  const lexer = new Lexer(new Source(text));
  try {
    for (let count = 0; count <= maxTokens; count++) if (lexer.advance().kind === TokenKind.EOF) return false;
  } catch {
    return false;
  }
  return true;
};
