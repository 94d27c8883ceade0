/** Compared part of a response. */
export interface Answered {
  readonly data?: unknown;
  readonly errors?: readonly { readonly path?: readonly (string | number)[] | undefined }[] | undefined;
}

/**
 * Returns a response as one text: its data with keys in order, and the nulls that errors explain. GraphQL
 * leaves open how many errors explain one null, and from how far below it (section 6.4.4).
 */
export const comparable = ({ data, errors = [] }: Answered): string => {
  const nulls = errors.map(({ path }) => (path === undefined ? 'nowhere' : nullOn(data, path)));
  // A response without data was refused as a whole, before execution.
  return `${data === undefined ? 'refused' : JSON.stringify(data)} ${[...new Set(nulls)].sort().join(' ')}`;
};

const nullOn = (data: unknown, path: readonly (string | number)[]): string => {
  let value = data;
  for (const [at, step] of path.entries()) {
    if (value === null) return `null at ${path.slice(0, at).join('.')}`;
    if (typeof value !== 'object' || !Object.hasOwn(value as object, step)) return `no ${path.join('.')}`;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value === null ? `null at ${path.join('.')}` : `something at ${path.join('.')}`;
};
