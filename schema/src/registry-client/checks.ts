import { z } from 'zod';
import type { CheckReport } from '../model/check-report.ts';
import { CommandError, isFailedOutcome } from '../model/outcome.ts';
import type { RegistryClient } from './client.ts';

const failure = z.object({ outcome: z.string().refine(isFailedOutcome), message: z.string() });
const comparison = {
  compositionErrors: z.array(
    z.looseObject({ code: z.string(), message: z.string(), positions: z.array(z.unknown()) }),
  ),
  changes: z.array(
    z.looseObject({
      kind: z.string(),
      criticality: z.enum(['safe', 'dangerous', 'breaking']),
      decision: z.enum(['allowed', 'accepted', 'unused', 'refused']),
      coordinate: z.string(),
      message: z.string(),
    }),
  ),
  operations: z.array(
    z.looseObject({
      name: z.string(),
      document: z.string(),
      causes: z.array(z.unknown()),
      clients: z.array(z.looseObject({ openSubscriptions: z.int().default(0) })),
      refused: z.boolean(),
    }),
  ),
  unaffectedOperations: z.int(),
  // A registry of an older version does not know them.
  openSubscriptions: z.array(z.unknown()).default([]),
  appVersions: z.array(z.unknown()),
};

/** A report as a registry answers it. All that decides whether a check passes must be there. */
const report = z
  .looseObject({
    version: z.literal(1),
    ok: z.boolean(),
    failures: z.array(failure),
    ...comparison,
    contracts: z.array(z.looseObject({ name: z.string(), ...comparison })),
    drift: z.array(z.string()),
    probes: z.array(z.unknown()),
    unusedAcceptances: z.array(z.unknown()),
    lint: z.array(
      z.looseObject({ rule: z.string(), severity: z.enum(['error', 'warning']), message: z.string() }),
    ),
  })
  .transform((found) => found as unknown as CheckReport);

const check = z.object({
  number: z.int().positive(),
  /** Version compared with; null if there was none. */
  base: z.int().positive().nullable(),
  commit: z.string().nullable(),
});
const wholeCheck = check.extend({ report });
const checkList = z.object({ checks: z.array(check) });

export type RegistryCheck = z.output<typeof wholeCheck>;

/** Most checks that are searched for a commit. */
const maxListed = 200;

/** Runs a check on the registry's server. @throws CommandError */
export const runCheck = (registry: RegistryClient, request: object): Promise<RegistryCheck> =>
  registry.post(registry.inEnvironment('/checks'), request, wholeCheck);

/** Reads a stored check. @throws CommandError */
export const readCheck = (registry: RegistryClient, number: number): Promise<RegistryCheck> =>
  registry.get(`/v1/checks/${number}`, wholeCheck);

/** Reads the last check of a commit, such as that of a pull request. @throws CommandError */
export const readCheckOf = async (registry: RegistryClient, commit: string): Promise<RegistryCheck> => {
  const { checks } = await registry.get(registry.inEnvironment('/checks'), checkList, { limit: maxListed });
  const found = checks.find((one) => one.commit?.startsWith(commit));
  if (found === undefined)
    throw new CommandError(
      'unusable-input',
      `none of the last ${maxListed} checks is of the commit ${commit}`,
    );
  return readCheck(registry, found.number);
};

/** Reads the last check of a pull request. @throws CommandError */
export const readCheckOfPullRequest = async (
  registry: RegistryClient,
  pullRequest: string,
): Promise<RegistryCheck> => {
  const { checks } = await registry.get(registry.inEnvironment('/checks'), checkList, {
    limit: 1,
    pullRequest,
  });
  const [last] = checks;
  if (last === undefined)
    throw new CommandError('unusable-input', `no check of ${pullRequest} is in ${registry.environment}`);
  return readCheck(registry, last.number);
};
