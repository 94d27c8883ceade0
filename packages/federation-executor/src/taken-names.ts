import { type DocumentNode, Kind, visit } from 'graphql';

/** Names that plans put into the data by themselves. */
export interface TakenNames {
  /** Names of all fields, which an alias must not equal. */
  readonly fields: ReadonlySet<string>;
  /** Names of fields in keys, @requires and @provides, which plans select without arguments. */
  readonly keys: ReadonlySet<string>;
}

/** The gateway's own, see subscriptions/resume.ts. */
const cursor = 'gatewayCursor';

/** Arguments of join directives that select fields. Others name types, subgraphs and addresses. */
const selecting: ReadonlySet<string> = new Set(['key', 'requires', 'provides']);

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
      for (const { name: argument, value } of given)
        if (selecting.has(argument.value) && value.kind === Kind.STRING)
          for (const word of value.value.match(/\w+/g) ?? []) keys.add(word);
    },
  });
  return { fields, keys };
};
