import { setTimeout as sleep } from 'node:timers/promises';
import { type Api, ApiError } from './api.ts';
import { concurrently } from './concurrently.ts';
import {
  activityStatus,
  isSettled,
  logIn,
  operationOf,
  resultsOf,
  type Session,
  sessionOf,
  signUp,
} from './operations.ts';
import type { Call, Person, Plan } from './plan.ts';
import type { Progress } from './progress.ts';

/** Requests under way at once. */
export const concurrency = 16;
/** Sign-ups under way at once: each takes a core for the password's hash. */
const signUps = 4;
/** Calls in one operation: the API's own limit for root fields. */
const batch = 10;

/** An account of its own for the person: signed up now, or in an earlier run that had the same password. */
const enter = async (api: Api, { handle, name }: Person, password: string): Promise<Session> => {
  try {
    return sessionOf(await api.send(signUp(handle, name, password)));
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 'CONFLICT')) throw error;
  }
  try {
    return sessionOf(await api.send(logIn(handle, password)));
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 'UNAUTHENTICATED')) throw error;
    throw new Error(
      `${handle} is taken, and not by this demo: its password is another one (set DEMO_PASSWORD, or load into an empty system)`,
    );
  }
};

/** The calls of a phase by actor, so many to one operation. */
export const batches = (calls: readonly Call[]): Call[][] => {
  const open = new Map<string, Call[]>();
  const all: Call[][] = [];
  for (const call of calls) {
    let calls = open.get(call.actor);
    if (!calls || calls.length === batch) {
      calls = [];
      open.set(call.actor, calls);
      all.push(calls);
    }
    calls.push(call);
  }
  return all;
};

/** Waits until the read side shows a write, for half a minute at most; says whether it does. */
const settled = async (api: Api, activity: string, token: string): Promise<boolean> => {
  const deadline = performance.now() + 30_000;
  while (!isSettled(await api.send(activityStatus(activity, token)))) {
    if (performance.now() > deadline) return false;
    await sleep(100);
  }
  return true;
};

/**
 * Does all that the plan says through the public API, and waits until readers see it. A run that was cut short
 * can be played again: what is there already stays as it is.
 * @returns the session of the plan's guide
 */
export const play = async (plan: Plan, api: Api, password: string, progress: Progress): Promise<Session> => {
  const sessions = new Map<string, Session>();
  const users = new Map<string, string>();
  const posts = new Map<string, string>();
  const tokenOf = (handle: string): string => {
    const session = sessions.get(handle);
    if (!session) throw new Error(`the plan names ${handle}, who has not signed up`);
    return session.token;
  };

  progress.phase('sign-ups');
  await concurrently(plan.people, signUps, async (person) => {
    const session = await enter(api, person, password);
    sessions.set(person.handle, session);
    users.set(person.handle, session.user.id);
    progress.done(1);
  });

  // The last writes to be acknowledged; with them, everything before them is on the read side.
  let last: { activity: string; token: string }[] = [];
  for (const { title, calls } of plan.phases) {
    progress.phase(title);
    await concurrently(batches(calls), concurrency, async (group) => {
      const [first] = group;
      if (!first) return;
      const token = tokenOf(first.actor);
      const results = resultsOf(group, await api.send(operationOf(group, { users, posts }, token)));
      for (const { call, activity, post } of results) {
        if (call.field === 'publishPost' && post !== undefined) posts.set(call.post, post);
        last = [...last.slice(1 - concurrency), { activity, token }];
      }
      progress.done(group.length);
    });
  }

  progress.phase('until it shows');
  await concurrently(last, concurrency, async ({ activity, token }) => {
    if (!(await settled(api, activity, token))) progress.phase('not all of it shows yet');
  });
  const guide = sessions.get(plan.guide);
  if (!guide) throw new Error('the plan has nobody in it');
  return guide;
};
