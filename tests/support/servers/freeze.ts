import { readdirSync, readFileSync } from 'node:fs';
import { eventually } from '../eventually.ts';

const threadStates = (pid: number): (string | undefined)[] =>
  readdirSync(`/proc/${pid}/task`).map((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8').split(') ').at(-1)?.charAt(0),
  );

/** SIGSTOP, and waits until it has had its effect: a thread may still answer in the moment after the signal. */
export const freeze = async (...pids: number[]): Promise<void> => {
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  await eventually(() => pids.every((pid) => threadStates(pid).every((state) => state === 'T')), {
    what: 'the stop',
  });
};
