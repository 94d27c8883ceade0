import { type ConstDirectiveNode, type DocumentNode, Kind, valueFromASTUntyped } from 'graphql';
import { z } from 'zod';

const link = z.object({
  url: z.string(),
  as: z.string().nullish(),
  import: z
    .array(z.union([z.string(), z.object({ name: z.string(), as: z.string().nullish() })]))
    .nullish()
    .transform((names) => names ?? []),
});

/**
 * By what name a supergraph calls a directive of a specification (@link, https://specs.apollo.dev/link/v1.0):
 * imported, or behind the specification's prefix. The specification's main directive bears the prefix itself.
 * @param specification its address without the version: `https://specs.apollo.dev/cost/`
 */
export const linkedName = (supergraph: DocumentNode, specification: string, directive: string): string => {
  const found = linkTo(supergraph, specification);
  const imported = (found?.import ?? [])
    .map((each) => (typeof each === 'string' ? { name: each, as: each } : each))
    .find(({ name }) => name === `@${directive}`);
  if (imported) return (imported.as ?? imported.name).slice(1);
  const own = specification.split('/').at(-2);
  const prefix = found?.as ?? own;
  return directive === own ? (prefix ?? directive) : `${prefix}__${directive}`;
};

/** Returns whether a supergraph links a specification, in any version. */
export const isLinked = (supergraph: DocumentNode, specification: string): boolean =>
  linkTo(supergraph, specification) !== undefined;

const linkTo = (supergraph: DocumentNode, specification: string): z.output<typeof link> | undefined =>
  supergraph.definitions
    .flatMap((each) => (each.kind === Kind.SCHEMA_DEFINITION ? (each.directives ?? []) : []))
    .filter(({ name }) => name.value === 'link')
    .flatMap((each) => link.safeParse(argumentsOf(each)).data ?? [])
    .find(({ url }) => url.startsWith(specification));

/** Returns the arguments of a directive by name, as plain values. */
export const argumentsOf = ({ arguments: given = [] }: ConstDirectiveNode): Record<string, unknown> =>
  Object.fromEntries(given.map(({ name, value }) => [name.value, valueFromASTUntyped(value)]));
