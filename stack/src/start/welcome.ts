import { display } from '../layout.ts';
import { bold } from './console.ts';
import type { DemoUser } from './demo.ts';
import type { Addresses } from './system.ts';

const query =
  '{ me { name } friendsFeed(first: 5) { edges { node { verb actor { name } post { body likeCount } } } } }';
const mutation =
  'mutation { publishPost(input: { body: "Hello from the shell" }) { post { id body } activity { status } } }';
const subscription = 'subscription { friendsFeed { cursor node { verb actor { name } post { body } } } }';

/** Returns the text for the user: addresses, the demo user, and three commands to try. */
export function welcome(
  { gateway: gatewayUrl, metrics, registry, observe, registryTokenFile: tokenFile }: Addresses,
  dir: string,
  user: DemoUser | undefined,
  { graphiql }: { readonly graphiql: boolean },
): string {
  const graphql = `${gatewayUrl}/graphql`;
  const lines = [
    '',
    `  ${bold('GraphQL')}   ${graphql}  (HTTP and WebSocket)`,
    ...(graphiql ? [`  ${bold('GraphiQL')}  ${gatewayUrl}/graphiql`] : []),
    `  ${bold('Metrics')}   ${metrics}`,
    ...(registry === undefined
      ? []
      : [
          `  ${bold('Registry')}  ${registry}${tokenFile === undefined ? '' : `  (token in ${display(tokenFile)})`}`,
        ]),
    ...(observe === undefined ? [] : [`  ${bold('Observe')}   ${observe}`]),
    `  ${bold('Logs')}      ${display(dir)}/logs`,
  ];
  if (user !== undefined) {
    const curl = (text: string) =>
      `curl -s ${graphql} -H 'content-type: application/json' -H 'authorization: Bearer ${user.token}' -d '${JSON.stringify({ query: text })}'`;
    const headers = JSON.stringify({ authorization: `Bearer ${user.token}` });
    lines.push(
      '',
      `  ${bold(`You are ${user.handle}.`)} Your token:`,
      user.token,
      '',
      `  ${bold('1. Read')} what your friends did:`,
      curl(query),
      '',
      `  ${bold('2. Write')} something:`,
      curl(mutation),
    );
    if (graphiql)
      lines.push(
        '',
        `  ${bold('3. Watch')} it live: open this, put ${headers} into the headers, run it, and post as a friend:`,
        `${gatewayUrl}/graphiql?query=${encodeURIComponent(subscription)}`,
      );
  }
  lines.push('', '  Ctrl-C stops everything and keeps the data; "npm run reset" clears it.', '');
  return lines.join('\n');
}
