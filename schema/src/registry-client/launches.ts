import { setTimeout as sleep } from 'node:timers/promises';
import { type LaunchState, launchedAnswer, launchesAnswer } from '@rookery/registry-protocol';
import type { z } from 'zod';
import { CommandError, type Failure } from '../model/outcome.ts';
import type { RegistryClient } from './client.ts';

export type Launched = z.infer<typeof launchedAnswer>;

/** Launches that are asked for at once; the one that is waited for may have been replaced meanwhile. */
const maxLaunches = 20;
const pollIntervalMs = 500;

/** Returns the launches of the environment, the newest first. @throws CommandError */
export const readLaunches = async (registry: RegistryClient, limit: number): Promise<LaunchState[]> =>
  (await registry.get(registry.inEnvironment('/launches'), launchesAnswer, { limit })).launches;

interface Promotion {
  readonly version: number;
  readonly author: string;
  readonly reason?: string | undefined;
}

/**
 * Delivers a version, unless a later one is delivered already: that contains it, since each publication is based on the one
 * before, so that pipelines which overtake each other both succeed.
 * @throws CommandError
 */
export const promoteVersion = async (registry: RegistryClient, promotion: Promotion): Promise<Launched> => {
  try {
    return await registry.post(registry.inEnvironment('/promote'), promotion, launchedAnswer);
  } catch (error) {
    if (!(error instanceof CommandError) || error.outcome !== 'conflict') throw error;
    const [current] = await readLaunches(registry, 1).catch(() => [undefined]);
    if (current === undefined || current.version <= promotion.version) throw error;
    return { ...current, created: false };
  }
};

export interface AwaitedLaunch {
  /** Undefined if the launch is not among the last ones. */
  readonly state: LaunchState | undefined;
  readonly failures: readonly Failure[];
}

const failuresOf = (state: LaunchState | undefined, number: number): Failure[] => {
  if (state === undefined || state.done === undefined)
    return [{ outcome: 'launch-unfinished', message: `launch ${number} was replaced by another one` }];
  const refused = state.answers.filter(({ outcome }) => outcome === 'refused');
  return [
    ...refused.map(({ gateway, reason }) => ({
      outcome: 'launch-refused' as const,
      message: `gateway ${gateway} refuses launch ${number}: ${reason ?? 'without a reason'}`,
    })),
    ...(state.missing.length === 0
      ? []
      : [
          {
            outcome: 'launch-unfinished' as const,
            message: `no answer to launch ${number} from ${state.missing.join(', ')}`,
          },
        ]),
  ];
};

/** Waits until every gateway that runs has answered a launch, or until the time is over. @throws CommandError */
export const awaitLaunch = async (
  registry: RegistryClient,
  number: number,
  waitMs: number,
): Promise<AwaitedLaunch> => {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const state = (await readLaunches(registry, maxLaunches)).find(({ launch }) => launch === number);
    const isDecided = state?.done !== false;
    const leftMs = deadline - performance.now();
    if (isDecided || leftMs <= 0) return { state, failures: failuresOf(state, number) };
    await sleep(Math.min(pollIntervalMs, leftMs));
  }
};
