import { forAllFiles } from '../live-resources.ts';
import { type System, startSystem, untilGatewayReads } from './start-system.ts';

/** A system that other test files use too, before and after. Their processes can be killed, but it cannot be stopped. */
export type SharedSystem = Omit<System, 'stop' | 'ready' | typeof Symbol.asyncDispose>;

interface Running {
  readonly system: System;
  /** Starts what a file has left killed, frozen or running with settings of its own. */
  heal(): Promise<void>;
}

/** That of this worker; its files share the state of modules. */
let running: Promise<Running> | undefined;

/**
 * Reads of a busy machine wait long for what was written, and so do commands for what they depend on, which they would otherwise
 * accept undecided; whoever tests that they give up starts the subgraph again.
 */
const settings = { NODE_ENV: 'production', READ_AFTER_TIMEOUT: '10000', LOOKUP_TIMEOUT: '5000' };

const start = async (): Promise<Running> => {
  const system = await startSystem({ env: settings });
  type Name = Parameters<System['kill']>[0];
  /** Those that do not run as they did at first: not at all, or with settings of a file. */
  const changed = new Set<Name>();
  const frozen = new Set<Name>();
  const startBy =
    (begin: System['start']): System['start'] =>
    async (name, env) => {
      changed.add(name);
      await begin(name, env);
      frozen.delete(name);
      if (env === undefined) changed.delete(name);
    };
  return {
    system: {
      ...system,
      start: startBy(system.start),
      restart: startBy(system.restart),
      kill: (name, signal) => {
        if (signal === 'SIGSTOP') frozen.add(name);
        else if (signal === 'SIGCONT') frozen.delete(name);
        else changed.add(name);
        return system.kill(name, signal);
      },
    },
    async heal() {
      await Promise.all([...new Set([...changed, ...frozen])].map((name) => system.restart(name)));
      changed.clear();
      frozen.clear();
      await system.ready();
      await untilGatewayReads(system.graphqlUrl);
    },
  };
};

/**
 * Returns the system of this worker, which the first file that asks for it starts. It is for tests that act through the API on
 * accounts and posts of their own. A process that they kill is there again in the next file; a server that they kill they start
 * again themselves. It saves seconds of processor time for each file that would start one. Its processes end with the worker.
 */
export const sharedSystem = async (): Promise<SharedSystem> => {
  running ??= forAllFiles(start);
  // The next file tries again.
  running.catch(() => {
    running = undefined;
  });
  return (await running).system;
};

/** Heals the shared system, if there is one. The setup of the worker calls it after each file. */
export const healSharedSystem = async (): Promise<void> => {
  if (running === undefined) return;
  try {
    await (await running).heal();
  } catch (error) {
    running = undefined;
    throw error;
  }
};
