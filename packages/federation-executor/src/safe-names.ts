import { type DocumentNode, type FieldNode, Kind, print, visit } from 'graphql';
import { neverEmpty } from './conditions.ts';
import type { TakenNames } from './taken-names.ts';

type Variables = Readonly<Record<string, unknown>>;

/** An operation as it is planned, and the way back to the client's names. */
export interface SafeOperation {
  readonly document: DocumentNode;
  /** Gives the same names to the same fields of another document. */
  readonly naming: Naming;
  /** Under which name a field of the client's document is fetched. */
  readonly sourceOf: (field: FieldNode) => string;
  /** The client's response names, by those under which their fields are fetched instead. */
  readonly clientNames: ReadonlyMap<string, string>;
  /** The client's variables under the names that the planned document has for them. */
  readonly variables: (given: Variables) => Variables;
}

/** Variables of the planner's and the gateway's own. */
const ownVariables: ReadonlySet<string> = new Set(['representations', 'gatewayAfter']);

const typename: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

/**
 * Gives every field an unambiguous response name. Fetched data is stored in one tree by response name,
 * together with fields that plans add: keys, fields of @requires, __typename. An alias `id: rating` of a
 * client would be sent to a subgraph as the key, or be overwritten by it. The same applies to a response name
 * with different meanings in two fragments that a plan combines in one fetch. Introspection fields and
 * aliases of __typename are not sent to subgraphs: shaping adds them.
 */
export const safeOperation = (
  document: DocumentNode,
  taken: TakenNames,
  naming = new Naming(document, taken),
): SafeOperation => {
  const sources = new WeakMap<FieldNode, string>();
  const variables = new Map<string, string>();
  const safe = visit(document, {
    Field: (field) => {
      const name = field.name.value;
      if (isIntrospection(name)) return null;
      const source = naming.of(field);
      sources.set(field, source);
      if (name === typename.name.value) return typename;
      if (source === responseName(field)) return undefined;
      return { ...field, alias: { kind: Kind.NAME, value: source } };
    },
    SelectionSet: { leave: neverEmpty },
    Variable: (variable) => {
      const { value } = variable.name;
      if (!ownVariables.has(value)) return undefined;
      const renamed = `_client_${value}`;
      variables.set(value, renamed);
      return { ...variable, name: { kind: Kind.NAME, value: renamed } };
    },
  });
  return {
    document: safe,
    naming,
    sourceOf: (field) => sources.get(field) ?? responseName(field),
    clientNames: naming.clientNames,
    variables: variables.size === 0 ? (given) => given : (given) => renamedIn(given, variables),
  };
};

/** Returns whether a field is an introspection field. */
export const isIntrospection = (name: string): boolean => name === '__schema' || name === '__type';

const responseName = ({ alias, name }: FieldNode): string => alias?.value ?? name.value;

/** One field as opposed to another of the same response name; the order of arguments says nothing. */
const signature = ({ name, arguments: given = [] }: FieldNode): string =>
  [name.value, ...given.map((each) => print(each)).sort()].join('\n');

class Naming {
  readonly clientNames = new Map<string, string>();
  readonly #taken: TakenNames;
  /** Meanings by response name; a field under its own name without arguments comes first. */
  readonly #meanings = new Map<string, string>();
  readonly #safe = new Map<string, string>();

  constructor(document: DocumentNode, taken: TakenNames) {
    this.#taken = taken;
    visit(document, {
      Field: ({ alias, name, arguments: given }) => {
        if (!given?.length && (alias === undefined || alias.value === name.value))
          this.#meanings.set(name.value, name.value);
      },
    });
  }

  of(field: FieldNode): string {
    const name = field.name.value;
    if (name === typename.name.value) return name;
    const response = responseName(field);
    const meant = signature(field);
    if (response !== name ? this.#mayCollide(response) : meant !== name && this.#taken.keys.has(name))
      return this.#safeName(response, meant, name);
    const meaning = this.#meanings.get(response);
    if (meaning === undefined) this.#meanings.set(response, meant);
    return meaning === undefined || meaning === meant ? response : this.#safeName(response, meant, name);
  }

  /** Names that begin with `_` are the language's, the planner's and those that are made here. */
  #mayCollide(alias: string): boolean {
    return (
      this.#taken.fields.has(alias) ||
      alias.startsWith('_') ||
      alias.includes('__alias_') ||
      alias in Object.prototype
    );
  }

  #safeName(response: string, meant: string, name: string): string {
    const key = `${response}\n${meant}`;
    const known = this.#safe.get(key);
    if (known !== undefined) return known;
    const made = `_${this.#safe.size}_${name}`;
    this.#safe.set(key, made);
    this.clientNames.set(made, response);
    return made;
  }
}

const renamedIn = (given: Variables, renamed: ReadonlyMap<string, string>): Variables =>
  Object.fromEntries(Object.entries(given).map(([name, value]) => [renamed.get(name) ?? name, value]));
