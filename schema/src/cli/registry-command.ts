import type { ParseArgsOptionsConfig } from 'node:util';
import {
  type GivenRegistry,
  openRegistry,
  registryOptions,
  registryUsage,
} from '../registry-client/access.ts';
import type { RegistryClient } from '../registry-client/client.ts';
import {
  type CommandResult,
  defineCommand,
  finish,
  type SchemaCommand,
  type SchemaCommandSpec,
} from './command.ts';

type Values<O extends ParseArgsOptionsConfig> = Parameters<SchemaCommandSpec<O>['run']>[0];

interface RegistryCommandSpec<O extends ParseArgsOptionsConfig>
  extends Pick<SchemaCommandSpec<O>, 'name' | 'about' | 'usage' | 'options' | 'positionals'> {
  /** Longest wait for an answer, unless --timeout says otherwise. */
  readonly timeoutSeconds?: number;
  run(registry: RegistryClient, values: Values<O>, words: readonly string[]): Promise<CommandResult>;
}

/** Defines a command that talks to a registry. */
export const defineRegistryCommand = <O extends ParseArgsOptionsConfig>({
  name,
  about,
  usage,
  options,
  positionals,
  timeoutSeconds,
  run,
}: RegistryCommandSpec<O>): SchemaCommand =>
  defineCommand({
    name,
    about,
    usage: `${usage.trimEnd()}\n${registryUsage}`,
    options: { ...registryOptions, ...options },
    ...(positionals === undefined ? {} : { positionals }),
    async run(values, words) {
      const registry = openRegistry(values as GivenRegistry, timeoutSeconds);
      return finish(await run(registry, values as unknown as Values<O>, words), values);
    },
  });
