import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type FieldNode,
  type InterfaceTypeDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  print,
  type SelectionSetNode,
  type StringValueNode,
  type TypeNode,
  visit,
} from 'graphql';

/** A field with arguments, as a @requires asks for it; its stand-in has a name of its own and takes none. */
interface RequiredField {
  readonly standIn: string;
  readonly name: string;
  /** Arguments as in the SDL: `(unit: KILO)`; empty without arguments. */
  readonly arguments: string;
}

export interface IsolatedSupergraph {
  /** The supergraph to plan on. */
  readonly sdl: string;
  /** By the name of the stand-in. */
  readonly required: ReadonlyMap<string, RequiredField>;
  /** The stand-ins that a field's @requires asks for, by `Type.field`. */
  readonly neededBy: ReadonlyMap<string, ReadonlySet<string>>;
}

const inaccessible = `directive @inaccessible on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION`;
const inaccessibleLink = `@link(url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY)`;

const argument = ({ arguments: all = [] }: ConstDirectiveNode, name: string) =>
  all.find((each) => each.name.value === name)?.value;
const isJoinField = ({ name }: ConstDirectiveNode): boolean => name.value === 'join__field';
type FieldsDefinition = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode;
const namedType = (type: TypeNode): string =>
  type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);

const selectionSetOf = (fields: string): SelectionSetNode | undefined => {
  const [operation] = parse(`{ ${fields} }`).definitions;
  return operation?.kind === Kind.OPERATION_DEFINITION ? operation.selectionSet : undefined;
};

/** A subgraph resolves, or declares external, the stand-in exactly if it does so for the original. */
const standInField = (original: FieldDefinitionNode, standIn: string): string => {
  const joins = (original.directives ?? []).filter(isJoinField).map((join) => {
    const kept = (join.arguments ?? []).filter(({ name }) =>
      ['graph', 'type', 'external'].includes(name.value),
    );
    return `@join__field(${kept.map((each) => print(each)).join(', ')})`;
  });
  return `${standIn}: ${print(original.type)} ${joins.join(' ')} @inaccessible`;
};

/** Collects what @requires asks for with arguments, type by type, and rewrites the requirements. */
class Isolation {
  readonly required = new Map<string, RequiredField>();
  readonly neededBy = new Map<string, Set<string>>();
  /** `Type.field` of each original that has a stand-in. */
  readonly replaced = new Set<string>();
  /** Definitions to add, by the name of their type. */
  readonly added = new Map<string, string[]>();
  readonly #types: ReadonlyMap<string, FieldsDefinition>;
  readonly #names = new Map<string, string>();
  /**
   * `Type.field` of fields that some @requires selects with arguments; a selection without them is a
   * different one.
   */
  readonly #withArguments = new Set<string>();

  constructor(document: DocumentNode) {
    const types = document.definitions.filter(
      (each) => each.kind === Kind.OBJECT_TYPE_DEFINITION || each.kind === Kind.INTERFACE_TYPE_DEFINITION,
    );
    this.#types = new Map(types.map((type) => [type.name.value, type]));
    for (const type of types)
      for (const join of (type.fields ?? []).flatMap(({ directives = [] }) => directives)) {
        const requires = argument(join, 'requires');
        if (!isJoinField(join) || requires?.kind !== Kind.STRING) continue;
        const set = selectionSetOf(requires.value);
        if (set) this.#note(type.name.value, set);
      }
  }

  #note(type: string, { selections }: SelectionSetNode): void {
    for (const each of selections) {
      if (each.kind === Kind.INLINE_FRAGMENT)
        this.#note(each.typeCondition?.name.value ?? type, each.selectionSet);
      if (each.kind !== Kind.FIELD) continue;
      if (each.arguments?.length) this.#withArguments.add(`${type}.${each.name.value}`);
      const definition = this.#definition(type, each);
      if (definition && each.selectionSet) this.#note(namedType(definition.type), each.selectionSet);
    }
  }

  #definition(type: string, { name }: FieldNode): FieldDefinitionNode | undefined {
    return this.#types.get(type)?.fields?.find((each) => each.name.value === name.value);
  }

  /** The text of a @requires with stand-ins for the fields that take arguments. */
  rewrite(type: string, field: string, requires: string): string {
    const set = selectionSetOf(requires);
    if (!set) return requires;
    const needed = new Set<string>();
    const selections = this.#rewriteAll(type, set, needed);
    if (needed.size === 0) return requires;
    this.neededBy.set(`${type}.${field}`, needed);
    return print(selections).replaceAll(/\s+/g, ' ').slice(1, -1).trim();
  }

  #rewriteAll(type: string, set: SelectionSetNode, needed: Set<string>): SelectionSetNode {
    const selections = set.selections.map((selection) => {
      if (selection.kind === Kind.FIELD) return this.#rewriteField(type, selection, needed);
      if (selection.kind !== Kind.INLINE_FRAGMENT) return selection;
      const on = selection.typeCondition?.name.value ?? type;
      return { ...selection, selectionSet: this.#rewriteAll(on, selection.selectionSet, needed) };
    });
    return { ...set, selections };
  }

  #rewriteField(type: string, field: FieldNode, needed: Set<string>): FieldNode {
    const definition = this.#definition(type, field);
    if (!definition) return field;
    const selectionSet =
      field.selectionSet && this.#rewriteAll(namedType(definition.type), field.selectionSet, needed);
    const inner = selectionSet === undefined ? field : { ...field, selectionSet };
    if (!this.#withArguments.has(`${type}.${field.name.value}`)) return inner;
    const standIn = this.#standIn(type, field, definition);
    needed.add(standIn);
    return { ...inner, name: { kind: Kind.NAME, value: standIn }, arguments: [] };
  }

  #standIn(type: string, field: FieldNode, definition: FieldDefinitionNode): string {
    const each = (field.arguments ?? []).map((one) => print(one));
    const given = each.length > 0 ? `(${each.join(', ')})` : '';
    const key = `${type}.${field.name.value}${given}`;
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const standIn = `_required${this.#names.size}_${field.name.value}`;
    this.#names.set(key, standIn);
    this.required.set(standIn, { standIn, name: field.name.value, arguments: given });
    this.#add(type, definition, standIn);
    // Fields of an interface that is an interface object elsewhere must exist in all its types.
    for (const { name, interfaces = [] } of this.#types.values()) {
      const own = interfaces.some((each) => each.name.value === type)
        ? this.#definition(name.value, field)
        : undefined;
      if (own) this.#add(name.value, own, standIn);
    }
    return standIn;
  }

  #add(type: string, definition: FieldDefinitionNode, standIn: string): void {
    this.replaced.add(`${type}.${definition.name.value}`);
    this.added.set(type, [...(this.added.get(type) ?? []), standInField(definition, standIn)]);
  }
}

/**
 * Gives every field that a @requires asks for with arguments a name of its own. Apollo's planner knows what it
 * fetches for a @requires by the field's name alone, so that the arguments of the client, of the @requires and of
 * another @requires get mixed: whichever comes first wins, and the others get its value. With a stand-in of its
 * own (`weight(unit: KILO)` becomes `_required0_weight`, inaccessible to clients) each is planned and fetched by
 * itself; `RequiredArguments` translates on the way to the subgraphs.
 */
export const isolateRequired = (sdl: string): IsolatedSupergraph => {
  if (!/requires: "[^"]*\(/.test(sdl)) return { sdl, required: new Map(), neededBy: new Map() };
  const document = parse(sdl);
  const isolation = new Isolation(document);
  const rewriteFields = <Type extends FieldsDefinition>(type: Type): Type => ({
    ...type,
    fields: type.fields?.map((field) => ({
      ...field,
      directives: field.directives?.map((join) => rewriteJoin(isolation, type.name.value, field, join)),
    })),
  });
  const rewritten = visit(document, {
    ObjectTypeDefinition: rewriteFields<ObjectTypeDefinitionNode>,
    InterfaceTypeDefinition: rewriteFields<InterfaceTypeDefinitionNode>,
  });
  const used = stillUsed(rewritten);
  const addStandIns = <Type extends FieldsDefinition>(type: Type): Type | undefined => {
    const added = isolation.added.get(type.name.value);
    if (!added) return undefined;
    const [extra] = parse(`type Added { ${added.join('\n')} }`).definitions;
    const fields = extra?.kind === Kind.OBJECT_TYPE_DEFINITION ? (extra.fields ?? []) : [];
    const originals = (type.fields ?? []).map((field) =>
      isolation.replaced.has(`${type.name.value}.${field.name.value}`) ? withoutIdle(field, used) : field,
    );
    return { ...type, fields: [...originals, ...fields] };
  };
  const withStandIns = visit(rewritten, {
    ObjectTypeDefinition: addStandIns<ObjectTypeDefinitionNode>,
    InterfaceTypeDefinition: addStandIns<InterfaceTypeDefinitionNode>,
  });
  const text = print(withStandIns);
  const { required, neededBy } = isolation;
  if (text.includes('directive @inaccessible')) return { sdl: text, required, neededBy };
  // A schema's directives stand on its line, or on lines of their own.
  const linked = text.replace(/^schema\b/m, `schema ${inaccessibleLink}`);
  return { sdl: `${linked}\n\n${inaccessible}\n`, required, neededBy };
};

/** Returns the field sets of all subgraphs in @requires, @provides and keys, as one text each. */
const stillUsed = (document: DocumentNode): ReadonlyMap<string, string> => {
  const texts = new Map<string, string>();
  visit(document, {
    Directive: (directive) => {
      const graph = argument(directive as ConstDirectiveNode, 'graph');
      if (graph?.kind !== Kind.ENUM) return;
      for (const name of ['requires', 'provides', 'key']) {
        const value = argument(directive as ConstDirectiveNode, name);
        if (value?.kind === Kind.STRING)
          texts.set(graph.value, `${texts.get(graph.value) ?? ''} ${value.value}`);
      }
    },
  });
  return texts;
};

/** A field that a subgraph declared external for its @requires alone has no use there any more, which is an error. */
const withoutIdle = (field: FieldDefinitionNode, used: ReadonlyMap<string, string>): FieldDefinitionNode => {
  const word = new RegExp(`\\b${field.name.value}\\b`);
  const directives = (field.directives ?? []).filter((join) => {
    const [graph, external] = [argument(join, 'graph'), argument(join, 'external')];
    if (!isJoinField(join) || graph?.kind !== Kind.ENUM || external === undefined) return true;
    return word.test(used.get(graph.value) ?? '');
  });
  return { ...field, directives };
};

const rewriteJoin = (
  isolation: Isolation,
  type: string,
  field: FieldDefinitionNode,
  join: ConstDirectiveNode,
): ConstDirectiveNode => {
  const requires = argument(join, 'requires');
  if (!isJoinField(join) || requires?.kind !== Kind.STRING) return join;
  const value: StringValueNode = {
    kind: Kind.STRING,
    value: isolation.rewrite(type, field.name.value, requires.value),
  };
  return {
    ...join,
    arguments: (join.arguments ?? []).map((each) =>
      each.name.value === 'requires' ? { ...each, value } : each,
    ),
  };
};
