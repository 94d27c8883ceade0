/** A JSON schema, as far as it is looked at here. */
export interface JsonSchema {
  readonly [key: string]: unknown;
}

/** Schemas of API objects, by `apiVersion kind`, with what they refer to. */
export interface ApiSchemas {
  readonly kinds: Record<string, string>;
  readonly $defs: Record<string, JsonSchema>;
}

const isObject = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Words of a schema that validate nothing here. */
const silent =
  /^(?:description|\$schema|\$id|x-kubernetes-(?!int-or-string|preserve-unknown-fields).*|default|example)$/;

/** Maps all schemas inside a schema. The keys of `properties` are names, whatever they look like. */
const mapSchemas = (schema: unknown, map: (schema: JsonSchema) => JsonSchema): unknown => {
  if (Array.isArray(schema)) return schema.map((each) => mapSchemas(each, map));
  if (!isObject(schema)) return schema;
  const inner = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => {
      if (key !== 'properties' || !isObject(value)) return [key, mapSchemas(value, map)];
      const properties = Object.entries(value).map(([name, property]) => [name, mapSchemas(property, map)]);
      return [key, Object.fromEntries(properties)];
    }),
  );
  return map(inner);
};

const withoutText = (schema: JsonSchema): JsonSchema =>
  Object.fromEntries(Object.entries(schema).filter(([key]) => !silent.test(key)));

/** Manifests have no status, which the cluster writes. */
const withoutStatus = (definition: JsonSchema): JsonSchema => {
  if (!isObject(definition.properties)) return definition;
  const { status: _, ...properties } = definition.properties;
  return { ...definition, properties };
};

const referred = (schema: unknown): string[] =>
  [...JSON.stringify(schema).matchAll(/"\$ref":"[^"]*\/([^"/]+)"/g)].map(([, name = '']) => name);

/**
 * Returns the definitions of some kinds and of everything inside them, without descriptions.
 * @param names names of the definitions of kinds
 */
export const prune = (
  all: Readonly<Record<string, JsonSchema>>,
  names: ReadonlyMap<string, string>,
  kinds: readonly string[],
): ApiSchemas => {
  const pruned: ApiSchemas = { kinds: {}, $defs: {} };
  const add = (name: string, definition: JsonSchema): void => {
    if (Object.hasOwn(pruned.$defs, name)) return;
    const clean = mapSchemas(definition, withoutText) as JsonSchema;
    pruned.$defs[name] = JSON.parse(
      JSON.stringify(clean).replaceAll(/"\$ref":"[^"]*\/([^"/]+)"/g, '"$ref":"#/$defs/$1"'),
    );
    for (const inner of referred(clean)) {
      const found = all[inner];
      if (found === undefined) throw new Error(`${name} refers to ${inner}, which is missing`);
      add(inner, found);
    }
  };
  for (const kind of kinds) {
    const name = names.get(kind);
    const definition = name === undefined ? undefined : all[name];
    if (name === undefined || definition === undefined) throw new Error(`there is no ${kind}`);
    pruned.kinds[kind] = name;
    add(name, withoutStatus(definition));
  }
  return pruned;
};

/** Returns the JSON schema of a custom resource, which refuses unknown fields as the API server's strict validation does. */
export const asJsonSchema = (schema: JsonSchema): JsonSchema => {
  const strict = mapSchemas(schema, (each) => {
    const {
      'x-kubernetes-int-or-string': either,
      'x-kubernetes-preserve-unknown-fields': open,
      ...rest
    }: Record<string, unknown> = withoutText(each);
    // Go writes the flag after the anchor.
    if (typeof rest.pattern === 'string') rest.pattern = rest.pattern.replace(/^\^\(\?i\)(.*)$/, '(?i:^$1)');
    if (either === true) return { ...rest, type: ['integer', 'string'] };
    const isClosed = isObject(rest.properties) && open !== true && !('additionalProperties' in rest);
    return isClosed ? { ...rest, additionalProperties: false } : rest;
  }) as JsonSchema;
  const { properties, ...rest } = withoutStatus(strict);
  return {
    ...rest,
    properties: { ...(isObject(properties) ? properties : {}), metadata: { type: 'object' } },
  };
};
