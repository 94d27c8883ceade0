import { type Config, ConfigError } from './config.ts';

/**
 * Places at which tests can make a process die, to show that nothing is lost. The recorder passes the first
 * three, the projector the last two, and a sign-up in the mutation subgraph `after-commit`.
 */
const crashPoints = ['before-commit', 'after-commit', 'after-publish', 'mid-batch', 'after-apply'] as const;
export type CrashPoint = (typeof crashPoints)[number];

let armed: { readonly name: CrashPoint; left: number } | undefined;

const isCrashPoint = (name: string): name is CrashPoint => crashPoints.some((known) => known === name);

/**
 * Arms the crash point of CRASH_POINT, given as `name:count`: the process dies the count-th time that it
 * passes the point. Does nothing if the setting is empty.
 * @throws ConfigError in production, and for an unknown point
 */
export const armCrashPoint = ({ CRASH_POINT, NODE_ENV }: Config<'CRASH_POINT' | 'NODE_ENV'>): void => {
  armed = undefined;
  if (CRASH_POINT === undefined) return;
  if (NODE_ENV === 'production') throw new ConfigError('CRASH_POINT is refused in production');
  const [name = '', count = '1'] = CRASH_POINT.split(':');
  if (!isCrashPoint(name)) throw new ConfigError(`CRASH_POINT is wrong: one of ${crashPoints.join(', ')}`);
  armed = { name, left: Number(count) };
};

/** Kills the process, as kill -9 does, if this point is armed and its count is reached. */
export const crashPoint = (name: CrashPoint): void => {
  if (armed?.name !== name) return;
  armed.left -= 1;
  if (armed.left <= 0) process.kill(process.pid, 'SIGKILL');
};
