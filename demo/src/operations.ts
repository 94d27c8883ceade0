import { z } from 'zod';
import type { Operation } from './api.ts';
import type { Call } from './plan.ts';

const inputTypes = {
  followUser: 'UserInput',
  blockUser: 'UserInput',
  publishPost: 'PublishPostInput',
  likePost: 'PostInput',
  sharePost: 'PostInput',
} as const satisfies Record<Call['field'], string>;

/** Ids that the API assigned to the names of the plan. */
export interface Ids {
  readonly users: ReadonlyMap<string, string>;
  readonly posts: ReadonlyMap<string, string>;
}

const idIn = (ids: ReadonlyMap<string, string>, name: string): string => {
  const id = ids.get(name);
  if (id === undefined) throw new Error(`the plan refers to ${name} before it exists`);
  return id;
};

/** The idempotency key is unique for its actor and the same in every run, so that a repeated call has no effect. */
const inputOf = (call: Call, ids: Ids) => {
  switch (call.field) {
    case 'followUser':
      return { userId: idIn(ids.users, call.user), idempotencyKey: `demo/follow/${call.user}` };
    case 'blockUser':
      return { userId: idIn(ids.users, call.user), idempotencyKey: `demo/block/${call.user}` };
    case 'publishPost':
      return {
        body: call.body,
        idempotencyKey: `demo/post/${call.post}`,
        ...(call.inReplyTo === undefined ? {} : { inReplyTo: idIn(ids.posts, call.inReplyTo) }),
      };
    case 'likePost':
    case 'sharePost':
      return { postId: idIn(ids.posts, call.post), idempotencyKey: `demo/${call.field}/${call.post}` };
  }
};

const fieldOf = ({ field }: Call, i: number): string =>
  `c${i}: ${field}(input: $c${i}) { activity { id }${field === 'publishPost' ? ' post { id }' : ''} }`;

/** Returns one operation with several calls of one actor, in order. */
export const operationOf = (calls: readonly Call[], ids: Ids, token: string): Operation => {
  const variables = calls.map(({ field }, i) => `$c${i}: ${inputTypes[field]}!`).join(', ');
  return {
    query: `mutation Demo(${variables}) { ${calls.map(fieldOf).join(' ')} }`,
    variables: Object.fromEntries(calls.map((call, i) => [`c${i}`, inputOf(call, ids)])),
    token,
  };
};

const result = z.object({
  activity: z.object({ id: z.string() }),
  post: z.object({ id: z.string() }).nullish(),
});

/** Returns the result of each call of such an operation. */
export const resultsOf = (
  calls: readonly Call[],
  data: Readonly<Record<string, unknown>>,
): { call: Call; activity: string; post: string | undefined }[] =>
  calls.map((call, i) => {
    const { activity, post } = result.parse(data[`c${i}`]);
    return { call, activity: activity.id, post: post?.id };
  });

const session = z.object({ token: z.string(), user: z.object({ id: z.string() }) });
export type Session = z.infer<typeof session>;

export const signUp = (handle: string, name: string, password: string): Operation => ({
  query: 'mutation SignUp($input: SignUpInput!) { session: signUp(input: $input) { token user { id } } }',
  variables: { input: { handle, name, password } },
});

export const logIn = (handle: string, password: string): Operation => ({
  query: 'mutation LogIn($input: LogInInput!) { session: logIn(input: $input) { token user { id } } }',
  variables: { input: { handle, password } },
});

export const sessionOf = (data: Readonly<Record<string, unknown>>): Session => session.parse(data.session);

export const activityStatus = (id: string, token: string): Operation => ({
  query: 'query Status($id: ID!) { activity(id: $id) { status } }',
  variables: { id },
  token,
});

const status = z.object({ activity: z.object({ status: z.string() }).nullable() });

/** Returns whether the read side has applied or refused the write of the activity. */
export const isSettled = (data: Readonly<Record<string, unknown>>): boolean =>
  ['PROJECTED', 'REJECTED'].includes(status.parse(data).activity?.status ?? '');
