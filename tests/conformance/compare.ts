/** An answer, as far as it is compared. */
export interface Answered {
  readonly data?: unknown;
  readonly errors?: readonly { readonly path?: readonly (string | number)[] | undefined }[] | undefined;
}

/**
 * An answer in one text: the data with its keys in their order, and the nulls that errors tell of. How many errors
 * tell of one null, and from how far below it, GraphQL leaves open (section 6.4.4).
 */
export const comparable = ({ data, errors = [] }: Answered): string => {
  const nulls = errors.map(({ path }) => (path === undefined ? 'nowhere' : nullOn(data, path)));
  // Without data at all it is refused as a whole, before it runs.
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
