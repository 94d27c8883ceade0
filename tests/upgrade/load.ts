import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { postGraphql } from '../support/clients/post-graphql.ts';

interface Answer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly unknown[];
}

/** People who write and read until they are told to stop. Nothing is repeated: a request that fails is a failure. */
export interface Load {
  /** Bodies of all posts that were acknowledged. */
  readonly posts: readonly string[];
  /** Answers to reads. */
  readonly reads: number;
  readonly failures: readonly string[];
  /** Token of a user who follows all writers. */
  readonly reader: string;
  stop(): Promise<void>;
}

const signUp = async (url: string): Promise<{ id: string; token: string }> => {
  const handle = `u_${randomUUID().slice(0, 8)}`;
  const input = { handle, name: handle, password: `${handle} secret` };
  const query = 'mutation ($input: SignUpInput!) { signUp(input: $input) { token user { id } } }';
  const answer = await postGraphql<Answer>(url, { query, variables: { input } });
  const made = answer.data?.signUp as { token: string; user: { id: string } } | undefined;
  if (made === undefined) throw new Error(`sign-up failed: ${JSON.stringify(answer)}`);
  return { id: made.user.id, token: made.token };
};

const follow = 'mutation ($user: ID!) { followUser(input: { userId: $user }) { activity { status } } }';
const publish =
  'mutation ($body: String!, $key: String!) { publishPost(input: { body: $body, idempotencyKey: $key }) { post { body } activity { status } } }';
const feed = '{ friendsFeed(first: 10) { edges { node { post { body likeCount author { name } } } } } }';

export const startLoad = async (url: string, writers: number): Promise<Load> => {
  const reader = await signUp(url);
  const people = await Promise.all(Array.from({ length: writers }, () => signUp(url)));
  for (const { id } of people)
    await postGraphql(url, { query: follow, variables: { user: id } }, { token: reader.token });

  const [posts, failures]: [string[], string[]] = [[], []];
  let reads = 0;
  let isStopping = false;
  /** Sends one request. Returns its data, or notes why there is none. */
  const ask = async (query: string, token: string, variables?: object): Promise<Answer['data']> => {
    const at = new Date().toISOString();
    try {
      const { data, errors } = await postGraphql<Answer>(url, { query, variables }, { token });
      if (errors === undefined && data) return data;
      failures.push(`${at} ${JSON.stringify(errors)}`);
    } catch (error) {
      failures.push(`${at} ${String(error)} ${String((error as Error).cause ?? '')}`);
    }
    return undefined;
  };
  const write = async (token: string): Promise<void> => {
    while (!isStopping) {
      const body = randomUUID();
      if (await ask(publish, token, { body, key: body })) posts.push(body);
      await delay(100);
    }
  };
  const read = async (): Promise<void> => {
    while (!isStopping) {
      if (await ask(feed, reader.token)) reads += 1;
      await delay(50);
    }
  };
  const work = Promise.all([...people.map(({ token }) => write(token)), read()]);
  return {
    posts,
    failures,
    reader: reader.token,
    get reads() {
      return reads;
    },
    async stop() {
      isStopping = true;
      await work;
    },
  };
};
