import { GraphQLError, Kind, type Token, TokenKind } from 'graphql';

/** Literals of which validation can say that they are not of their type. */
const values: ReadonlySet<string> = new Set([
  Kind.INT,
  Kind.FLOAT,
  Kind.STRING,
  Kind.BOOLEAN,
  Kind.NULL,
  Kind.ENUM,
  Kind.LIST,
  Kind.OBJECT,
]);

/** `… Field "body" of required type …`, `… Field "LogInInput.handle" of required type …` → body, handle */
const missingField = (message: string): string[] => {
  const [, field] = /Field "(?:\w+\.)?(\w+)" of required type/.exec(message) ?? [];
  return field === undefined ? [] : [field];
};

/** Removes the name of the argument or variable if there is a nested field, as the subgraphs name theirs. */
const withoutRoot = ([root, ...below]: readonly string[]): string | undefined =>
  below.length === 0 ? root : below.join('.');

/**
 * The input field of a variable that doesn't fit:
 * `Variable "$input" got invalid value … at "input.post"; Field "body" of required type …` → post.body
 */
export const fieldOfVariable = (cause: unknown): string | undefined => {
  if (!(cause instanceof GraphQLError)) return undefined;
  const node = cause.nodes?.[0];
  if (node?.kind !== Kind.VARIABLE_DEFINITION) return undefined;
  const [, ...place] = (/ at "([^"]+)";/.exec(cause.message)?.[1] ?? '').split('.');
  return withoutRoot([node.variable.name.value, ...place, ...missingField(cause.message)]);
};

/**
 * The input field of a literal that is not of its type, which validation finds: `first: NaN` → first,
 * `input: { body: 5 }` → body. Undefined for any other error.
 */
export const fieldOfLiteral = (cause: unknown): string | undefined => {
  if (!(cause instanceof GraphQLError)) return undefined;
  const node = cause.nodes?.[0];
  if (node === undefined || !values.has(node.kind) || node.loc === undefined) return undefined;
  const path = namesBefore(node.loc.startToken);
  return path.length === 0 ? undefined : withoutRoot([...path, ...missingField(cause.message)]);
};

const opening: ReadonlySet<string> = new Set([TokenKind.PAREN_L, TokenKind.BRACKET_L, TokenKind.BRACE_L]);
const closing: ReadonlySet<string> = new Set([TokenKind.PAREN_R, TokenKind.BRACKET_R, TokenKind.BRACE_R]);

/** Returns the bracket around a token. */
const bracketAround = (token: Token): Token | null => {
  let closed = 0;
  for (let before = token.prev; before !== null; before = before.prev) {
    if (closing.has(before.kind)) closed++;
    else if (opening.has(before.kind) && closed-- === 0) return before;
  }
  return null;
};

/** Returns the names of the argument and input fields around a value, from the outside in; none for a default. */
const namesBefore = (value: Token): string[] => {
  const names: string[] = [];
  for (let token: Token | null = value; token !== null; token = bracketAround(token)) {
    if (token.kind === TokenKind.PAREN_L) return names;
    const before = token.prev;
    if (before?.kind === TokenKind.COLON) names.unshift(before.prev?.value ?? '');
    else if (before?.kind === TokenKind.EQUALS) return [];
  }
  return [];
};
