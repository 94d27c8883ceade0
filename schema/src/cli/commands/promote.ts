import { UsageError, wholeNumber } from '@rookery/command-line';
import { launchedAnswer } from '@rookery/registry-protocol';
import { promoteVersion } from '../../registry-client/launches.ts';
import { newestComposing } from '../../registry-client/versions.ts';
import { authorOf, authorUsage } from '../author.ts';
import { launchResult, readWait, waitUsage } from '../launch-result.ts';
import { defineRegistryCommand } from '../registry-command.ts';

const options = {
  author: { type: 'string' },
  reason: { type: 'string' },
  wait: { type: 'string' },
} as const;

/** Reads the number of a version from the arguments; undefined if there is none. @throws UsageError */
const readVersion = ([version, ...rest]: readonly string[]): number | undefined => {
  if (rest.length > 0) throw new UsageError('at most one VERSION is named');
  return version === undefined ? undefined : wholeNumber('version', version, 1);
};

export const promoteCommand = defineRegistryCommand({
  name: 'promote',
  about: 'delivers a version to the gateways of an environment',
  usage: `Delivers a version of the registry to the gateways of an environment.

  npm run schema -- promote 7 --wait 60     without a number, the newest version that composes

  --reason TEXT         why
${authorUsage}
${waitUsage}`,
  options,
  positionals: true,
  async run(registry, { author, reason, wait }, words) {
    const waitMs = readWait(wait);
    const version = readVersion(words) ?? (await newestComposing(registry)).version;
    const launched = await promoteVersion(registry, { version, author: authorOf(author), reason });
    return launchResult(registry, launched, waitMs);
  },
});

export const rollbackCommand = defineRegistryCommand({
  name: 'rollback',
  about: 'delivers an older version again',
  usage: `Delivers an older version of the registry again.

  npm run schema -- rollback --reason "carts are empty"     without a number, the newest older one that was delivered

  --reason TEXT         why; required
${authorUsage}
${waitUsage}`,
  options,
  positionals: true,
  async run(registry, { author, reason, wait }, words) {
    if (reason === undefined) throw new UsageError('say why with --reason');
    const waitMs = readWait(wait);
    const launched = await registry.post(
      registry.inEnvironment('/rollback'),
      { version: readVersion(words), author: authorOf(author), reason },
      launchedAnswer,
    );
    return launchResult(registry, launched, waitMs);
  },
});
