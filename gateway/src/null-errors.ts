import { GraphQLError } from 'graphql';
import { z } from 'zod';

/**
 * Where a subgraph leaves out something that may not be null, Apollo's executor nulls the parent and says so
 * only in `extensions.valueCompletion`. GraphQL (section 6.4.4) wants a field error.
 */
const valueCompletion = z.object({
  valueCompletion: z.array(
    z.looseObject({
      path: z
        .array(z.union([z.string(), z.number()]))
        .readonly()
        .optional(),
    }),
  ),
});

type Path = readonly (string | number)[];

/** One is the other, or leads to it. */
const along = (one: Path, other: Path): boolean => {
  const length = Math.min(one.length, other.length);
  return one.slice(0, length).every((key, i) => key === other[i]);
};

/**
 * The field errors that belong to an answer whose executor extensions these are.
 * @param known errors that the answer has: where one of them says why something is missing, no second is added
 */
export const nullErrors = (
  extensions: unknown,
  known: readonly { readonly path?: Path | undefined }[] = [],
): GraphQLError[] => {
  if (extensions === undefined) return [];
  const read = valueCompletion.safeParse(extensions);
  if (!read.success) return [];
  const missing = read.data.valueCompletion.filter(
    ({ path: gone }) => !gone || !known.some(({ path }) => path && along(path, gone)),
  );
  return missing.map(({ path }) => new GraphQLError('A value that may not be null is missing.', { path }));
};
