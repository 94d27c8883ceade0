import { type DocumentNode, Kind, visit } from 'graphql';

/** Names that plans put into the data by themselves. */
export interface TakenNames {
  /** Of all fields: an alias that is one of them could be taken for that field. */
  readonly fields: ReadonlySet<string>;
  /** Of fields that keys, @requires and @provides name: plans ask for them without arguments. */
  readonly keys: ReadonlySet<string>;
}

/** The gateway's own, see subscriptions/resume.ts. */
const cursor = 'gatewayCursor';

/** Reads them out of a supergraph. */
export const takenNames = (supergraph: DocumentNode): TakenNames => {
  const fields = new Set([cursor]);
  const keys = new Set<string>();
  visit(supergraph, {
    FieldDefinition: ({ name }) => {
      fields.add(name.value);
    },
    Directive: ({ name, arguments: given = [] }) => {
      if (!name.value.startsWith('join__')) return;
      for (const { value } of given)
        if (value.kind === Kind.STRING) for (const word of value.value.match(/\w+/g) ?? []) keys.add(word);
    },
  });
  return { fields, keys };
};
