import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from '@rookery/runtime';
import { admit } from '../limits/admission.ts';
import type { OperationLimits } from '../limits/limits.ts';
import type { SubgraphClient } from '../subgraphs/subgraph-client.ts';
import { type BusyOperation, BusyOperations } from './busy-operations.ts';
import { buildGraph, type Graph } from './graph.ts';

export type { Graph } from './graph.ts';

export interface SupergraphOptions {
  /** Brings the first version, as SDL text. */
  readonly first: (serve: (sdl: string) => Promise<unknown>) => Promise<unknown>;
  /** Returns the address of one subgraph; routingUrl is what the supergraph says. @throws Error if there is none */
  readonly urlOf: (name: string, routingUrl: string) => string;
  /** Makes the client of one subgraph. */
  readonly connect: (name: string, url: string) => SubgraphClient;
  /** After this time nothing of a replaced version is under way any more. */
  readonly keepReplacedMs: number;
  /** Custom labels of progressive @override that hold. */
  readonly overrides?: readonly string[] | undefined;
  /** Called for each operation: whether its plan was there. */
  readonly onPlan?: (cached: boolean) => void;
  /** Called for each query that takes the result of an equal one. */
  readonly onJoin?: () => void;
  readonly limits: OperationLimits;
  /** True if clients may ask for the schema itself. */
  readonly introspection: boolean;
  readonly log: Logger;
}

/** Plans that are made before a new version is served. */
const warmed = 100;

interface ConnectedSubgraph {
  readonly url: string;
  readonly client: SubgraphClient;
}

/**
 * The supergraph that is served, version by version. An operation stays on the version that it was validated on to
 * its end, so that none fails for being under way while the next one is put in its place.
 */
export class Supergraph implements AsyncDisposable {
  readonly busy = new BusyOperations();
  readonly #options: SupergraphOptions;
  readonly #onReplaced = new Set<() => void>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #connected = new Map<string, ConnectedSubgraph>();
  #graph: Graph | undefined;

  constructor(options: SupergraphOptions) {
    this.#options = options;
  }

  /** Serves the first version. @throws as `first` */
  async load(): Promise<void> {
    await this.#options.first((sdl) => this.replace(sdl));
  }

  get isLoaded(): boolean {
    return this.#graph !== undefined;
  }

  /** The graph that new operations are planned on. */
  get graph(): Graph {
    if (this.#graph === undefined) throw new Error('the supergraph is not loaded');
    return this.#graph;
  }

  get subgraphs(): ReadonlyMap<string, SubgraphClient> {
    return this.graph.subgraphs;
  }

  /** Calls back after each replacement, not for the first version. */
  onReplaced(listener: () => void): void {
    this.#onReplaced.add(listener);
  }

  /**
   * Serves another version from now on.
   * @returns false if it is already served
   * @throws Error if it cannot be served; the previous one stays
   */
  async replace(sdl: string): Promise<boolean> {
    if (sdl === this.#graph?.sdl) return false;
    const connected = new Map<string, ConnectedSubgraph>();
    let graph: Graph;
    try {
      graph = await buildGraph({
        sdl,
        connect: (name, routingUrl) => this.#connect(connected, name, this.#options.urlOf(name, routingUrl)),
        ...(this.#options.onPlan && { onPlan: this.#options.onPlan }),
        onJoin: this.#options.onJoin,
        overrides: this.#options.overrides,
        limits: this.#options.limits,
        introspection: this.#options.introspection,
        log: this.#options.log,
      });
      await this.#warm(graph);
    } catch (error) {
      await this.#close(connected, this.#connected);
      throw error;
    }
    const replaced = this.#connected;
    const isFirst = this.#graph === undefined;
    this.#connected = connected;
    this.#graph = graph;
    this.#later(() => this.#close(replaced, this.#connected));
    if (!isFirst) for (const listener of this.#onReplaced) listener();
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#close(this.#connected, new Map());
  }

  /** Returns the existing client if its address is the same. */
  #connect(connected: Map<string, ConnectedSubgraph>, name: string, url: string): SubgraphClient {
    const known = this.#connected.get(name);
    const subgraph = known?.url === url ? known : { url, client: this.#options.connect(name, url) };
    connected.set(name, subgraph);
    return subgraph.client;
  }

  async #warm(graph: Graph): Promise<void> {
    for (const operation of this.busy.top(warmed)) {
      try {
        this.#plan(graph, operation);
      } catch (error) {
        this.#options.log.debug({ error }, 'failed to plan an operation on the new supergraph');
      }
      // Requests go on meanwhile.
      await nextTurn();
    }
  }

  /** Plans an operation of the version before on another one, in the ways in which it was asked for. */
  #plan(graph: Graph, { text, operationName }: BusyOperation): void {
    const { plans } = graph.operations.prepare(admit(text, this.#options.limits), operationName);
    graph.executor.warm(plans, this.#graph?.operations.get(text, operationName)?.plans);
  }

  async #close(
    connected: ReadonlyMap<string, ConnectedSubgraph>,
    except: ReadonlyMap<string, ConnectedSubgraph>,
  ): Promise<void> {
    const kept = new Set([...except.values()].map(({ client }) => client));
    await Promise.all(
      [...connected.values()].map(async ({ client }) => {
        if (!kept.has(client)) await client[Symbol.asyncDispose]();
      }),
    );
  }

  #later(action: () => Promise<void>): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action().catch((error) =>
        this.#options.log.warn({ error }, 'failed to close the connections to a subgraph'),
      );
    }, this.#options.keepReplacedMs).unref();
    this.#timers.add(timer);
  }
}
