import { historyAnswer, type VersionAnswer } from '@rookery/registry-protocol';
import { CommandError } from '../model/outcome.ts';
import type { RegistryClient } from './client.ts';

const pageSize = 50;

/** Returns versions, the newest first. @throws CommandError */
export const readHistory = async (
  registry: RegistryClient,
  limit: number,
  before?: number,
): Promise<VersionAnswer[]> =>
  (await registry.get('/v1/versions', historyAnswer, { limit, before })).versions;

/** Returns the newest version that composes: what the next publication is based on. @throws CommandError */
export const newestComposing = async (registry: RegistryClient): Promise<VersionAnswer> => {
  for (let before: number | undefined; ; ) {
    const versions = await readHistory(registry, pageSize, before);
    const found = versions.find(({ composes }) => composes);
    if (found !== undefined) return found;
    before = versions.at(-1)?.version;
    if (before === undefined)
      throw new CommandError('unusable-input', 'no version of the registry composes: publish one first');
  }
};
