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

/** The field errors that belong to an answer whose executor extensions these are. */
export const nullErrors = (extensions: unknown): GraphQLError[] => {
  const read = valueCompletion.safeParse(extensions);
  if (!read.success) return [];
  return read.data.valueCompletion.map(
    ({ path }) => new GraphQLError('A value that may not be null is missing.', { path }),
  );
};
