import { Worker } from 'node:worker_threads';
import type { Logger } from '@rookery/runtime';
import type { Change } from '@rookery/schema/changes';
import type { CheckReport, StatesToCheck } from '@rookery/schema/check';
import type { SubgraphGraph } from '@rookery/schema/graph';
import type { OperationUsage } from '@rookery/schema/usage';
import { RegistryError } from '../errors.ts';
import type {
  Answer,
  ComposedSubgraph,
  Composition,
  CoordinateUsage,
  Task,
  TrustResult,
} from './messages.ts';

const taskTimeoutMs = 30_000;
/** The thread ends after this time without work, and returns its memory. */
const idleMs = 60_000;
const maxHeapMb = 1_024;

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Composes and compares in a thread of its own, so that a large graph never delays a gateway that asks for its
 * supergraph. The thread starts with the first task.
 */
export class Composer implements AsyncDisposable {
  readonly #log: Logger;
  readonly #waiting = new Map<number, Waiting>();
  #thread: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #tasks = 0;

  constructor(log: Logger) {
    this.#log = log;
  }

  compose(subgraphs: readonly ComposedSubgraph[]): Promise<Composition> {
    return this.#run<Composition>({ kind: 'compose', subgraphs });
  }

  /** Returns what differs for clients between two states, both of which compose. */
  diff(from: readonly ComposedSubgraph[], to: readonly ComposedSubgraph[]): Promise<readonly Change[]> {
    return this.#run<readonly Change[]>({ kind: 'diff', from, to });
  }

  /** Adds up the use of each coordinate of the API of a supergraph. */
  usage(supergraph: string, operations: readonly OperationUsage[]): Promise<readonly CoordinateUsage[]> {
    return this.#run<readonly CoordinateUsage[]>({ kind: 'usage', supergraph, operations });
  }

  /** Checks one state of all subgraphs against another. */
  check(states: StatesToCheck): Promise<CheckReport> {
    return this.#run<CheckReport>({ kind: 'check', states });
  }

  /** Returns which subgraphs define which types of a supergraph. */
  graph(supergraph: string): Promise<SubgraphGraph> {
    return this.#run<SubgraphGraph>({ kind: 'graph', supergraph });
  }

  /** Reads trusted documents, and validates them unless `supergraph` is null. */
  documents(documents: readonly string[], supergraph: string | null): Promise<readonly TrustResult[]> {
    return this.#run<readonly TrustResult[]>({ kind: 'documents', documents, supergraph });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#idle);
    await this.#end(new RegistryError('SERVICE_UNAVAILABLE', 'The registry is stopping. Try again later.'));
  }

  async #run<T>(task: Task): Promise<T> {
    clearTimeout(this.#idle);
    const id = ++this.#tasks;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.#waiting.set(id, { resolve, reject });
    const timer = setTimeout(() => {
      this.#log.warn({ task: task.kind, taskTimeoutMs }, 'a composition took too long and was ended');
      void this.#end(
        new RegistryError(
          'BAD_USER_INPUT',
          `The subgraphs take longer than ${taskTimeoutMs / 1000} s to compose.`,
        ),
      );
    }, taskTimeoutMs);
    try {
      this.#start().postMessage({ id, task });
      const answer = await promise;
      if ('error' in answer) throw new Error(answer.error);
      return answer.result as T;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) {
        this.#idle = setTimeout(() => void this.#end(new Error('idle')), idleMs).unref();
      }
    }
  }

  #start(): Worker {
    if (this.#thread !== undefined) return this.#thread;
    const thread = new Worker(new URL('./thread.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
      execArgv: [],
    });
    this.#thread = thread;
    thread.on('message', (answer: Answer) => this.#waiting.get(answer.id)?.resolve(answer));
    thread.on('error', (error: Error) => {
      this.#log.error({ error }, 'the thread that composes failed; the next task starts another');
      if (this.#thread === thread) void this.#end(new Error('the thread that composes failed'));
    });
    // A registry that stops does not wait for it.
    thread.unref();
    return thread;
  }

  async #end(error: Error): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    for (const { reject } of this.#waiting.values()) reject(error);
    await thread?.terminate();
  }
}
