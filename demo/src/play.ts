import { setTimeout as sleep } from 'node:timers/promises';
import { forEachConcurrently } from '@rookery/runtime';
import { type Api, ApiError } from './api.ts';
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

/** Maximum number of concurrent requests. */
export const concurrency = 16;
/** Maximum number of concurrent sign-ups: hashing a password occupies a core. */
const signUps = 4;
/** Calls in one operation, limited by the API to this number of root fields. */
const batch = 10;

/** Returns a session of the person: signs up, or logs in if an earlier run with the same password did. */
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

/** Groups the calls of a phase by actor, up to the limit for one operation. */
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

/** Waits until the read side shows a write, up to half a minute. Returns whether it does. */
const isVisibleInTime = async (api: Api, activity: string, token: string): Promise<boolean> => {
  const deadline = performance.now() + 30_000;
  while (!isSettled(await api.send(activityStatus(activity, token)))) {
    if (performance.now() > deadline) return false;
    await sleep(100);
  }
  return true;
};

/**
 * Executes the plan through the public API and waits until readers see the result. An interrupted run can be
 * repeated: existing data stays as it is.
 * @returns the session of the plan's guide
 */
export const play = async (plan: Plan, api: Api, password: string, progress: Progress): Promise<Session> => {
  const sessions = new Map<string, Session>();
  const users = new Map<string, string>();
  const posts = new Map<string, string>();
  const tokenOf = (handle: string): string => {
    const session = sessions.get(handle);
    if (!session) throw new Error(`the plan refers to ${handle}, who has not signed up`);
    return session.token;
  };

  // Last acknowledged writes. Once they are visible, all earlier writes are as well.
  let last: { activity: string; token: string }[] = [];
  const acknowledged = (activity: string, token: string): void => {
    last = [...last.slice(1 - concurrency), { activity, token }];
  };
  const untilVisible = () =>
    forEachConcurrently(last, concurrency, async ({ activity, token }) => {
      if (!(await isVisibleInTime(api, activity, token))) progress.phase('not all of it shows yet');
    });

  progress.phase('sign-ups');
  await forEachConcurrently(plan.people, signUps, async (person) => {
    const session = await enter(api, person, password);
    sessions.set(person.handle, session);
    users.set(person.handle, session.user.id);
    acknowledged(session.user.id, session.token);
    progress.done(1);
  });
  // A text mentions those who are there when it is published.
  await untilVisible();

  for (const { title, calls } of plan.phases) {
    progress.phase(title);
    await forEachConcurrently(batches(calls), concurrency, async (group) => {
      const [first] = group;
      if (!first) return;
      const token = tokenOf(first.actor);
      const results = resultsOf(group, await api.send(operationOf(group, { users, posts }, token)));
      for (const { call, activity, post } of results) {
        if (call.field === 'publishPost' && post !== undefined) posts.set(call.post, post);
        acknowledged(activity, token);
      }
      progress.done(group.length);
    });
  }

  progress.phase('until it shows');
  await untilVisible();
  const guide = sessions.get(plan.guide);
  if (!guide) throw new Error('the plan contains no people');
  return guide;
};
