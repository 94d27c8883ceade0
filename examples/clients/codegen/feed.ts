import { signIn } from '../session.ts';
import { ask } from './ask.ts';
import { graphql } from './generated/index.ts';

const LOG_IN = graphql(`
  mutation LogIn($input: LogInInput!) {
    logIn(input: $input) { token }
  }
`);
const FEED = graphql(`
  query Feed($first: Int!, $after: String) {
    friendsFeed(first: $first, after: $after) {
      edges { node { at verb actor { name } post { body } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export async function logIn(handle: string, password: string): Promise<void> {
  const { data, errors } = await ask(LOG_IN, { input: { handle, password } });
  if (!data?.logIn) throw new Error(errors?.[0]?.message ?? 'The login failed.');
  signIn(data.logIn.token);
}

async function readPage(after: string | null) {
  const { data, errors } = await ask(FEED, { first: 2, after });
  if (!data?.friendsFeed) throw new Error(errors?.[0]?.message ?? 'The feed cannot be read.');
  return data.friendsFeed;
}

/** Returns the lines of the whole feed, newest first. */
export async function feedLines(): Promise<string[]> {
  const lines: string[] = [];
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof readPage>> = await readPage(after);
    for (const { node } of page.edges) lines.push(`${node.verb} ${node.actor.name}: ${node.post.body}`);
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null);
  return lines;
}
