import {
  type ArgumentNode,
  type ConstDirectiveNode,
  type DocumentNode,
  Kind,
  parse,
  print,
  type SchemaDefinitionNode,
} from 'graphql';

/** The specifications whose rules the gateway enforces itself. */
const enforced = ['authenticated', 'requiresScopes', 'policy'].map(
  (name) => `https://specs.apollo.dev/${name}/`,
);

/**
 * Drops the purpose `for: SECURITY` of the three specifications that are enforced here, because the gateway
 * of Apollo refuses unknown ones. Their rules stay readable; other specifications are still refused.
 */
export const loadableSupergraph = (sdl: string): string => {
  if (!enforced.some((url) => sdl.includes(url))) return sdl;
  const document = parse(sdl, { noLocation: true });
  const definitions: DocumentNode['definitions'] = document.definitions.map((definition) =>
    definition.kind === Kind.SCHEMA_DEFINITION ? withoutPurpose(definition) : definition,
  );
  return print({ ...document, definitions });
};

const withoutPurpose = (schema: SchemaDefinitionNode): SchemaDefinitionNode => ({
  ...schema,
  directives: (schema.directives ?? []).map((directive) => {
    if (!isEnforced(directive)) return directive;
    return {
      ...directive,
      arguments: (directive.arguments ?? []).filter(({ name }) => name.value !== 'for'),
    };
  }),
});

const isEnforced = ({ name, arguments: args = [] }: ConstDirectiveNode): boolean =>
  name.value === 'link' && args.some((argument) => isUrlOfOne(argument));

const isUrlOfOne = ({ name, value }: ArgumentNode): boolean =>
  name.value === 'url' &&
  value.kind === Kind.STRING &&
  enforced.some((specification) => value.value.startsWith(specification));
