import type { OperationPlans } from '@rookery/federation-executor';
import {
  type DocumentNode,
  NoSchemaIntrospectionCustomRule,
  type OperationDefinitionNode,
  specifiedRules,
  validate,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { type AdmittedDocument, operationIn } from '../limits/admission.ts';
import { KnownCosts } from '../limits/known-costs.ts';
import type { OperationLimits } from '../limits/limits.ts';
import { PermittedForms } from '../permissions/permitted.ts';
import type { Graph } from '../supergraph/graph.ts';
import { InvalidRequestError, withCode } from './invalid-request.ts';

/** An operation of a valid document, with all that depends on its text and the supergraph alone. */
export class Prepared {
  readonly graph: Graph;
  readonly text: string;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** As it was asked for; undefined for the only operation of the document. */
  readonly operationName: string | undefined;
  /** SHA-256 of the text, in hex. */
  readonly hash: string;
  /** Equal for the same operation of the same text, on any supergraph. */
  readonly key: string;
  readonly variableNames: readonly string[];
  readonly costs: KnownCosts;
  /** False if no field has a rate limit of its own, as of most operations. */
  readonly mayHaveFieldRates: boolean;
  /** Its permitted parts, for each set of permissions. */
  readonly permitted: PermittedForms;
  #plans: OperationPlans | undefined;

  constructor(
    graph: Graph,
    { text, document, hash }: AdmittedDocument,
    operationName: string | undefined,
    limits: OperationLimits,
  ) {
    const { schema, costRules: rules } = graph;
    this.graph = graph;
    this.text = text;
    this.document = document;
    this.operation = operationIn(document, operationName);
    this.operationName = operationName;
    this.hash = hash;
    this.key = operationName ? `${hash} ${operationName}` : hash;
    this.variableNames = (this.operation.variableDefinitions ?? []).map(
      ({ variable }) => variable.name.value,
    );
    this.costs = new KnownCosts(document, this.operation, { schema, rules, limits });
    this.mayHaveFieldRates = [...graph.fieldRates.keys()].some((coordinate) =>
      text.includes(coordinate.split('.')[1] ?? ''),
    );
    this.permitted = new PermittedForms(this);
  }

  /** Returns the variables that it defines. Others may be anything, nested beyond any stack for example. */
  variablesOf(sent: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    const own: Record<string, unknown> = {};
    for (const name of this.variableNames) if (Object.hasOwn(sent, name)) own[name] = sent[name];
    return own;
  }

  /** Its plans, if nothing of it is denied. Nothing is planned before the first use. */
  get plans(): OperationPlans {
    this.#plans ??= this.graph.executor.plansOf(this.document, this.operation);
    return this.#plans;
  }
}

/** Bounds of the cache: documents, and the total length of their texts in characters. */
const maxDocuments = 2_000;
const maxCharacters = 4_000_000;

interface PreparedDocument {
  readonly admitted: AdmittedDocument;
  /** By the name that was asked for. */
  readonly operations: Map<string | undefined, Prepared>;
}

/** The prepared operations of one supergraph, so that all of this is done once for each. */
export class PreparedOperations {
  readonly #graph: Graph;
  readonly #limits: OperationLimits;
  readonly #rules: Parameters<typeof validate>[2];
  readonly #documents = new LRUCache<string, PreparedDocument>({
    max: maxDocuments,
    maxSize: maxCharacters,
    sizeCalculation: (_document, text) => text.length,
  });

  constructor(graph: Graph, limits: OperationLimits, { introspection }: { readonly introspection: boolean }) {
    this.#graph = graph;
    this.#limits = limits;
    this.#rules = introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  }

  /** Returns an operation that was prepared before. */
  get(text: string, operationName: string | undefined): Prepared | undefined {
    return this.#documents.get(text)?.operations.get(operationName);
  }

  /**
   * Validates a document and prepares an operation of it.
   * @throws InvalidRequestError if it is not valid; RookeryError BAD_REQUEST if there is no such operation
   */
  prepare(admitted: AdmittedDocument, operationName: string | undefined): Prepared {
    const document = this.#documents.get(admitted.text) ?? this.#validated(admitted);
    const prepared = new Prepared(this.#graph, document.admitted, operationName, this.#limits);
    document.operations.set(operationName, prepared);
    return prepared;
  }

  #validated(admitted: AdmittedDocument): PreparedDocument {
    const errors = validate(this.#graph.schema, admitted.document, this.#rules);
    if (errors.length > 0)
      throw new InvalidRequestError(errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED')));
    const document: PreparedDocument = { admitted, operations: new Map() };
    this.#documents.set(admitted.text, document);
    return document;
  }
}
