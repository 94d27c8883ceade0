import {
  type Data,
  entityFields,
  fetchedKeys,
  LostValue,
  type SubgraphAnswer,
  type SubgraphFetch,
  withUsedVariables,
} from '@rookery/federation-executor';
import {
  type FieldNode,
  GraphQLError,
  type OperationDefinitionNode,
  parse,
  type SelectionNode,
  visit,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import type { OperationContext } from '../pipeline/context.ts';
import type { SubgraphService } from '../subgraphs/service.ts';
import type { IsolatedSupergraph } from './required-arguments.ts';

type Representation = Readonly<Record<string, unknown>>;

/** One of the fetches that a planned fetch becomes: its text, and the stand-ins that it may use. */
interface Part {
  readonly query: string;
  readonly uses: ReadonlySet<string>;
  readonly variables: ReadonlySet<string>;
}

const prefix = '_required';

/**
 * Sends fetches to a subgraph without stand-ins (see isolateRequired): in the fetch they become aliases of
 * the original fields, and in representations they get the original names. If two stand-ins of one field
 * occur in a fetch, a representation can hold only one of them; then each part of the selection is fetched
 * with its own value.
 */
export class RequiredFetch implements SubgraphService {
  readonly #subgraph: SubgraphService;
  readonly #isolated: IsolatedSupergraph;
  readonly #parts = new LRUCache<string, readonly Part[]>({ max: 1_000 });

  constructor(subgraph: SubgraphService, isolated: IsolatedSupergraph) {
    this.#subgraph = subgraph;
    this.#isolated = isolated;
  }

  async fetch(fetch: SubgraphFetch, context: OperationContext): Promise<SubgraphAnswer> {
    const { query, variables } = fetch;
    const given = variables.representations as readonly Representation[] | undefined;
    if (!query.includes(prefix) && !given?.some((each) => JSON.stringify(each).includes(`"${prefix}`)))
      return this.#subgraph.fetch(fetch, context);
    const parts = this.#partsOf(query);
    const answers = await Promise.all(
      parts.map(({ query: text, uses, variables: used }) => {
        const representations = given?.map((each) => this.#restore(each, uses) as Representation);
        const all = Object.entries({ ...variables, ...(given && { representations }) });
        const part = Object.fromEntries(all.filter(([name]) => used.has(name)));
        return this.#subgraph.fetch({ ...fetch, query: text, variables: part }, context);
      }),
    );
    return merge(parts, answers, given ?? []);
  }

  #partsOf(query: string): readonly Part[] {
    const known = this.#parts.get(query);
    if (known) return known;
    const made = this.#split(query);
    this.#parts.set(query, made);
    return made;
  }

  #split(query: string): readonly Part[] {
    const document = parse(query);
    const { required, neededBy } = this.#isolated;
    const groups: Set<string>[] = [];
    const groupOf = (type: string, field: FieldNode): number => {
      const needs = neededBy.get(`${type}.${field.name.value}`) ?? new Set<string>();
      const free = groups.findIndex((group) => !conflict(new Set([...group, ...needs]), required));
      const at = free === -1 ? groups.push(new Set()) - 1 : free;
      for (const need of needs) groups[at]?.add(need);
      return at;
    };
    const places = new Map<SelectionNode, number>();
    for (const [type, field] of entityFields(document)) {
      places.set(field, groupOf(type, field));
    }
    if (groups.length === 0) groups.push(new Set());
    return groups.map((uses, at) => {
      const part = visit(document, {
        Field: (field) => {
          if ((places.get(field) ?? at) !== at) return null;
          const original = required.get(field.name.value);
          return original ? aliased(field, original.name, original.arguments) : undefined;
        },
      });
      return { uses, ...withUsedVariables(part) };
    });
  }

  /** A representation as its subgraph knows it: only what this part uses, under the fields' own names. */
  #restore(value: unknown, uses: ReadonlySet<string>): unknown {
    if (Array.isArray(value)) return value.map((each) => this.#restore(each, uses));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, inner]) => {
        const original = this.#isolated.required.get(key);
        if (original && !uses.has(key)) return [];
        return [[original?.name ?? key, this.#restore(inner, uses)]];
      }),
    );
  }
}

/** Two of them stand for one field with different arguments. */
const conflict = (standIns: ReadonlySet<string>, required: IsolatedSupergraph['required']): boolean =>
  new Set([...standIns].map((each) => required.get(each)?.name)).size < standIns.size;

const aliased = (field: FieldNode, name: string, given: string): FieldNode => {
  const [operation] = parse(`{ ${field.alias?.value ?? field.name.value}: ${name}${given} }`).definitions;
  const made = (operation as OperationDefinitionNode).selectionSet.selections[0] as FieldNode;
  return { ...made, ...(field.selectionSet ? { selectionSet: field.selectionSet } : {}) };
};

/**
 * Merges the parts of a response: the same entities with different fields. Fields that a part did not return
 * are lost.
 */
const merge = (
  parts: readonly Part[],
  answers: readonly SubgraphAnswer[],
  asked: readonly unknown[],
): SubgraphAnswer => {
  const [first, ...others] = answers;
  if (!first || others.length === 0) return first ?? {};
  const answered = answers.map(({ data }) => {
    const entities: unknown = data?._entities;
    return Array.isArray(entities) && entities.length === asked.length ? entities : undefined;
  });
  const said = {
    isStale: answers.some(({ isStale }) => isStale),
    readAfter: answers.flatMap(({ readAfter = [] }) => readAfter),
  };
  if (answered.every((each) => each === undefined)) return { ...first, ...said };
  const lost = answers.map((answer, at) => (answered[at] ? undefined : lostFields(parts[at], answer)));
  const merged = asked.map((_representation, i) => {
    const entities = answered.map((each, at) => (each ? (each[i] ?? null) : lost[at]));
    // A missing non-null field of a part makes the entity null, as in a single fetch.
    return entities.includes(null) ? null : Object.assign({}, ...entities);
  });
  const errors = answers.flatMap((each, at) => (answered[at] ? (each.errors ?? []) : []));
  return { data: { _entities: merged }, errors: errors.length > 0 ? errors : first.errors, ...said };
};

const lostFields = (part: Part | undefined, { errors = [] }: SubgraphAnswer): Data => {
  const [error] = errors;
  const lost = new LostValue(
    new GraphQLError(error?.message ?? 'A part of a fetch was not answered.', {
      extensions: error?.extensions ?? null,
    }),
  );
  const { keys } = fetchedKeys(parse(part?.query ?? '{ __typename }'), () => true);
  return Object.fromEntries([...keys].map((key) => [key, lost]));
};
