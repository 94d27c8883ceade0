import { RookeryError } from '@rookery/graphql-server';
import {
  type DefinitionNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import type { OperationLimits } from './limits.ts';

type DocumentLimits = Pick<
  OperationLimits,
  'depth' | 'aliases' | 'rootFields' | 'directives' | 'directivesInPlace' | 'fields' | 'repeats'
>;

/** Size of a selection set, with every fragment counted at each spread. */
interface Measure {
  readonly depth: number;
  readonly aliases: number;
  readonly directives: number;
  readonly fields: number;
  /** Its own fields, without those within them. */
  readonly ownFields: number;
}

const nothing: Measure = { depth: 0, aliases: 0, directives: 0, fields: 0, ownFields: 0 };

const beside = (a: Measure, b: Measure): Measure => ({
  depth: Math.max(a.depth, b.depth),
  aliases: a.aliases + b.aliases,
  directives: a.directives + b.directives,
  fields: a.fields + b.fields,
  ownFields: a.ownFields + b.ownFields,
});

export const tooMuch = (message: string) => new RookeryError('GRAPHQL_VALIDATION_FAILED', message);

/**
 * Refuses a document that is too large in any of the ways that cost more than they look: before it is validated
 * and planned, since both take longer than linear time. Takes linear time itself: a fragment is measured once.
 * @throws RookeryError GRAPHQL_VALIDATION_FAILED
 */
export const checkDocument = (document: DocumentNode, limits: DocumentLimits): void => {
  const measured = new DocumentMeasure(document, limits);
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION && definition.kind !== Kind.FRAGMENT_DEFINITION)
      continue;
    const { depth, aliases, directives, fields, ownFields } = measured.definition(definition);
    within('levels of fields', depth, limits.depth);
    within('aliases', aliases, limits.aliases);
    within('directives', directives, limits.directives);
    within('fields', fields, limits.fields);
    if (definition.kind === Kind.OPERATION_DEFINITION) within('root fields', ownFields, limits.rootFields);
  }
  within('fields selected again', measured.repeats, limits.repeats);
};

const within = (what: string, count: number, most: number): void => {
  if (count > most) throw tooMuch(`The operation has too many ${what}: the most is ${most}.`);
};

class DocumentMeasure {
  /** Literal ones, over the whole document. */
  repeats = 0;
  readonly #limits: DocumentLimits;
  readonly #fragments = new Map<string, FragmentDefinitionNode>();
  readonly #known = new Map<string, Measure | 'being measured'>();

  constructor(document: DocumentNode, limits: DocumentLimits) {
    this.#limits = limits;
    for (const definition of document.definitions)
      if (definition.kind === Kind.FRAGMENT_DEFINITION)
        this.#fragments.set(definition.name.value, definition);
  }

  definition(definition: DefinitionNode): Measure {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) return this.#fragment(definition.name.value);
    if (definition.kind !== Kind.OPERATION_DEFINITION) return nothing;
    const { selectionSet, variableDefinitions = [] } = definition;
    const variables = variableDefinitions.reduce((sum, node) => sum + this.#directives(node), 0);
    const inside = this.#selections(selectionSet);
    return { ...inside, directives: inside.directives + variables + this.#directives(definition) };
  }

  #fragment(name: string): Measure {
    const known = this.#known.get(name);
    if (known === 'being measured') throw tooMuch(`Fragment "${name}" contains itself.`);
    if (known !== undefined) return known;
    const fragment = this.#fragments.get(name);
    // One that is not there is for validation to name.
    if (fragment === undefined) return nothing;
    this.#known.set(name, 'being measured');
    const inside = this.#selections(fragment.selectionSet);
    const measure = { ...inside, directives: inside.directives + this.#directives(fragment) };
    // The depth of introspection is no client's choice; in production there is none.
    const counted = fragment.typeCondition.name.value.startsWith('__') ? { ...measure, depth: 0 } : measure;
    this.#known.set(name, counted);
    return counted;
  }

  #selections(set: SelectionSetNode, seen = new Set<string>()): Measure {
    return set.selections.reduce<Measure>((sum, selection) => {
      const directives = this.#directives(selection);
      const inside = () => {
        if (selection.kind === Kind.FIELD) return this.#field(selection, seen);
        if (selection.kind === Kind.FRAGMENT_SPREAD) return this.#fragment(selection.name.value);
        // Validation compares across inline fragments.
        return this.#selections(selection.selectionSet, seen);
      };
      return beside(sum, beside({ ...nothing, directives }, inside()));
    }, nothing);
  }

  #field({ name, alias, selectionSet }: FieldNode, seen: Set<string>): Measure {
    const key = (alias ?? name).value;
    if (seen.has(key)) this.repeats++;
    seen.add(key);
    const inside = selectionSet === undefined ? nothing : this.#selections(selectionSet);
    const introspection = name.value === '__schema' || name.value === '__type';
    return {
      depth: introspection ? 1 : inside.depth + 1,
      aliases: inside.aliases + (alias === undefined ? 0 : 1),
      directives: inside.directives,
      fields: inside.fields + 1,
      ownFields: 1,
    };
  }

  #directives({ directives = [] }: { readonly directives?: readonly unknown[] | undefined }): number {
    const most = this.#limits.directivesInPlace;
    if (directives.length > most)
      throw tooMuch(`The operation has too many directives in one place: the most is ${most}.`);
    return directives.length;
  }
}
