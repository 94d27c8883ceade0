import type { FetchNode, QueryPlan } from '@apollo/query-planner';
import { isIncluded } from '@rookery/graphql-server';
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  type InlineFragmentNode,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { conditionsIn } from './conditions.ts';
import type { Data } from './data.ts';
import { hasInterfaceObjects } from './interface-objects.ts';
import type { Variant } from './operation-plans.ts';

/** A selection that an object may be asked for, in the order of the answer. */
type Selected =
  | { readonly key: string; readonly field: string; readonly inside: readonly Selected[] | undefined }
  | { readonly onlyOn: string; readonly inside: readonly Selected[] };

/** An operation that is asked on one supergraph, and how it is planned. */
interface PlannedOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** The variables with defaults filled in: what @skip and @include depend on. */
  readonly variables: Readonly<Data>;
  readonly variant: Variant;
}

/** Finds the operations whose answer is, as it is, what one subgraph answers to one fetch. */
export class PassThroughRules {
  readonly #schema: GraphQLSchema;
  readonly #supergraphSchema: GraphQLSchema;
  readonly #hasInterfaceObjects: boolean;

  /**
   * @param schema as seen by clients
   * @param supergraphSchema with everything that clients don't see
   */
  constructor(schema: GraphQLSchema, supergraphSchema: GraphQLSchema, supergraph: DocumentNode) {
    this.#schema = schema;
    this.#supergraphSchema = supergraphSchema;
    this.#hasInterfaceObjects = hasInterfaceObjects(supergraph);
  }

  /**
   * Returns the only fetch of a query, if a valid answer to it that has no errors needs no change to be the answer to the client:
   * the same selections in the same order, and no value that clients must not see. Otherwise undefined.
   */
  fetchOf({ document, operation, variables, variant }: PlannedOperation): FetchNode | undefined {
    const { plan, names, readBacks } = variant;
    const fetch = onlyFetch(plan);
    if (!fetch || operation.operation !== 'query' || readBacks || names.clientNames.size > 0)
      return undefined;
    // A condition that is null is an error of the selection that it controls.
    if (conditionsIn(document).some((name) => typeof variables[name] !== 'boolean')) return undefined;
    const sent = parse(fetch.operation, { noLocation: true });
    const root = this.#schema.getQueryType();
    const other = getOperationAST(sent);
    if (!root || !other) return undefined;
    const options = {
      schema: this.#schema,
      accepts: (type: GraphQLNamedType) => this.#isSafe(type),
      variables,
    };
    const wanted = new Selections(document, options).of(operation.selectionSet, root);
    const fetched = new Selections(sent, options).of(other.selectionSet, root);
    // A subgraph may call its query type as it likes.
    if (!wanted || !fetched || wanted.some((each) => 'field' in each && each.field === '__typename()'))
      return undefined;
    return JSON.stringify(wanted) === JSON.stringify(fetched) ? fetch : undefined;
  }

  /** Returns whether a subgraph has no value of the type that clients must not see. */
  #isSafe(type: GraphQLNamedType): boolean {
    const whole = this.#supergraphSchema.getType(type.name);
    if (isEnumType(type)) return isEnumType(whole) && whole.getValues().length === type.getValues().length;
    if (!isAbstractType(type)) return true;
    // A subgraph that has an interface as one object does not know the types of its objects.
    if (this.#hasInterfaceObjects || !isAbstractType(whole)) return false;
    const visible = this.#schema.getPossibleTypes(type).length;
    return this.#supergraphSchema.getPossibleTypes(whole).length === visible;
  }
}

const onlyFetch = ({ node }: QueryPlan): FetchNode | undefined => {
  if (node?.kind !== 'Fetch' || node.requires) return undefined;
  return node.inputRewrites?.length || node.outputRewrites?.length ? undefined : node;
};

interface SelectionOptions {
  readonly schema: GraphQLSchema;
  /** Returns whether a type may be part of an answer that nobody looks at. */
  readonly accepts: (type: GraphQLNamedType) => boolean;
  readonly variables: Readonly<Data>;
}

/** Selections on an object while they are collected. */
interface Collection {
  readonly parent: GraphQLNamedType;
  readonly found: Selected[];
  /** All nodes of each response name. */
  readonly fields: Map<string, FieldNode[]>;
}

/** Resolves the selections of one document as they turn up in an answer. */
class Selections {
  readonly #options: SelectionOptions;
  readonly #fragments = new Map<string, FragmentDefinitionNode>();

  constructor({ definitions }: DocumentNode, options: SelectionOptions) {
    this.#options = options;
    for (const each of definitions)
      if (each.kind === Kind.FRAGMENT_DEFINITION) this.#fragments.set(each.name.value, each);
  }

  /** Returns undefined if a type is not accepted, and for what no subgraph is asked for. */
  of({ selections }: SelectionSetNode, parent: GraphQLNamedType): readonly Selected[] | undefined {
    if (!this.#options.accepts(parent)) return undefined;
    const collection: Collection = { parent, found: [], fields: new Map() };
    if (!this.#collect(selections, collection)) return undefined;
    const { found, fields } = collection;
    const resolved = found.map((each) =>
      'key' in each ? this.#field(each.key, fields.get(each.key) ?? [], parent) : each,
    );
    return resolved.every((each) => each !== undefined) ? resolved : undefined;
  }

  /** Returns false if it finds something that is never passed through. */
  #collect(selections: readonly SelectionNode[], collection: Collection): boolean {
    const { variables } = this.#options;
    const { found, fields } = collection;
    for (const selection of selections) {
      if (!isIncluded(selection, variables)) continue;
      if (selection.kind !== Kind.FIELD) {
        if (!this.#collectFragment(selection, collection)) return false;
        continue;
      }
      const key = selection.alias?.value ?? selection.name.value;
      const known = fields.get(key);
      if (known) known.push(selection);
      else {
        fields.set(key, [selection]);
        found.push({ key, field: '', inside: undefined });
      }
    }
    return true;
  }

  #collectFragment(selection: InlineFragmentNode | FragmentSpreadNode, collection: Collection): boolean {
    const { parent, found } = collection;
    const fragment =
      selection.kind === Kind.INLINE_FRAGMENT ? selection : this.#fragments.get(selection.name.value);
    if (!fragment) return false;
    const onlyOn = fragment.typeCondition?.name.value ?? parent.name;
    if (this.#isAlways(onlyOn, parent)) return this.#collect(fragment.selectionSet.selections, collection);
    const type = this.#options.schema.getType(onlyOn);
    const inside = type && this.of(fragment.selectionSet, type);
    if (!inside) return false;
    found.push({ onlyOn, inside });
    return true;
  }

  /** Returns whether each object of a type is of the one that a fragment is on. */
  #isAlways(on: string, parent: GraphQLNamedType): boolean {
    if (on === parent.name) return true;
    const type = this.#options.schema.getType(on);
    const mayImplement = isObjectType(parent) || isInterfaceType(parent);
    return isAbstractType(type) && mayImplement && this.#options.schema.isSubType(type, parent);
  }

  #field(key: string, nodes: readonly FieldNode[], parent: GraphQLNamedType): Selected | undefined {
    const [node] = nodes;
    if (!node) return undefined;
    const name = node.name.value;
    const field = `${name}(${(node.arguments ?? []).map((each) => print(each)).join()})`;
    if (name === '__typename') return { key, field, inside: undefined };
    const definition = 'getFields' in parent ? parent.getFields()[name] : undefined;
    if (!definition) return undefined;
    const type = getNamedType(definition.type);
    if (!isCompositeType(type))
      return this.#options.accepts(type) ? { key, field, inside: undefined } : undefined;
    const selections = nodes.flatMap(({ selectionSet }) => selectionSet?.selections ?? []);
    const inside = this.of({ kind: Kind.SELECTION_SET, selections }, type);
    return inside && { key, field, inside };
  }
}
