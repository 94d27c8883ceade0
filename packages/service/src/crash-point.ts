import { type Config, ConfigError } from './config.ts';

/**
 * Places at which a process can be made to die, so that tests can show what survives. The recorder passes the
 * first three, the projector the last two, and a sign-up in the mutation subgraph `after-commit`.
 */
export const crashPoints = [
  'before-commit',
  'after-commit',
  'after-publish',
  'mid-batch',
  'after-apply',
] as const;
export type CrashPoint = (typeof crashPoints)[number];

let armed: { readonly name: CrashPoint; left: number } | undefined;

const isCrashPoint = (name: string): name is CrashPoint => crashPoints.some((known) => known === name);

/**
 * Arms the crash point that CRASH_POINT names, as `name:count`: the process dies the count-th time that it
 * passes there. Nothing happens where the setting is empty.
 * @throws ConfigError in production, and where there is no such point
 */
export const armCrashPoint = ({ CRASH_POINT, NODE_ENV }: Config<'CRASH_POINT' | 'NODE_ENV'>): void => {
  armed = undefined;
  if (CRASH_POINT === undefined) return;
  if (NODE_ENV === 'production') throw new ConfigError('CRASH_POINT is refused in production');
  const [name = '', count = '1'] = CRASH_POINT.split(':');
  if (!isCrashPoint(name)) throw new ConfigError(`CRASH_POINT is wrong: one of ${crashPoints.join(', ')}`);
  armed = { name, left: Number(count) };
};

/** Dies here, as by kill -9, where this point is armed and its turn has come. */
export const crashPoint = (name: CrashPoint): void => {
  if (armed?.name !== name) return;
  armed.left -= 1;
  if (armed.left <= 0) process.kill(process.pid, 'SIGKILL');
};
