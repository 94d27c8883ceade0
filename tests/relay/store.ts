import { createRequire } from 'node:module';
import type { Artifact, Compiled } from './compile.ts';

type Data = Readonly<Record<string, unknown>>;
type Fetch = (name: string, variables: object) => Promise<{ readonly data: Data }>;
interface Observer {
  readonly complete: () => void;
  readonly error: (error: Error) => void;
}
interface Operation {
  readonly fragment: object;
}
interface Environment {
  execute(config: { readonly operation: Operation }): { subscribe(observer: Observer): void };
  lookup(selector: object): { readonly data: Data };
  retain(operation: Operation): void;
}

/** The part of relay-runtime that is used here; it comes without types. */
interface RelayRuntime {
  readonly Environment: new (config: object) => Environment;
  readonly Network: {
    create(fetch: (params: { readonly name: string }, variables: object) => unknown): object;
  };
  readonly Store: new (source: object) => object;
  readonly RecordSource: new () => object;
  createOperationDescriptor(artifact: Artifact, variables: object): Operation;
  getSingularSelector(artifact: Artifact, data: Data): object;
  commitMutation(
    environment: Environment,
    config: {
      readonly mutation: Artifact;
      readonly variables: object;
      readonly onCompleted: () => void;
      readonly onError: (error: Error) => void;
    },
  ): void;
}
const require = createRequire(import.meta.url);
const relay: RelayRuntime = require('relay-runtime');

/** As docs/adr/node-ids.md has it. */
const getDataID = ({ id }: { id?: string }, type: string): string | undefined =>
  id === undefined || type === 'User' || type === 'Post' ? id : `${type}:${id}`;

export interface RelayStore {
  /** Runs a query, and reads a fragment of its root from the store from then on. */
  open(query: string, fragment: string, variables: object): Promise<{ read(): Data }>;
  commit(mutation: string, variables: object): Promise<void>;
}

/** Opens Relay's runtime as a client has it. */
export const openRelayStore = ({ artifact }: Compiled, fetch: Fetch): RelayStore => {
  const environment = new relay.Environment({
    network: relay.Network.create(({ name }, variables) => fetch(name, variables)),
    store: new relay.Store(new relay.RecordSource()),
    getDataID,
  });
  return {
    async open(query, fragment, variables) {
      const operation = relay.createOperationDescriptor(artifact(query), variables);
      environment.retain(operation);
      await new Promise<void>((complete, error) =>
        environment.execute({ operation }).subscribe({ complete, error }),
      );
      return {
        read() {
          const root = environment.lookup(operation.fragment).data;
          return environment.lookup(relay.getSingularSelector(artifact(fragment), root)).data;
        },
      };
    },
    commit: (mutation, variables) =>
      new Promise<void>((onCompleted, onError) =>
        relay.commitMutation(environment, { mutation: artifact(mutation), variables, onCompleted, onError }),
      ),
  };
};
