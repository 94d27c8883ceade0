// No gateway, as a lower bound of the cost: a server that knows the two queries, sends the planned requests to the
// subgraphs and joins the results by hand. It checks, counts, logs and plans nothing.
import { createServer } from 'node:http';
import { type Dispatcher, Pool } from 'undici';

type Row = Record<string, unknown> & { readonly id: string };

const urls = JSON.parse(process.env.SUBGRAPHS ?? '{}') as Readonly<Record<string, string>>;
const pools = Object.fromEntries(
  Object.entries(urls).map(([name, url]) => [name, new Pool(new URL(url).origin, { connections: 64 })]),
);

type Variables = Readonly<Record<string, unknown>>;

const fetchText = (name: string, query: string, variables: Variables): Promise<string> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const options: Dispatcher.DispatchOptions = {
      method: 'POST',
      path: '/graphql',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    };
    pools[name]?.dispatch(options, {
      onRequestStart: () => {},
      onResponseStart: () => {},
      onResponseData: (_controller, chunk) => {
        chunks.push(chunk);
      },
      onResponseEnd: () => resolve(String(Buffer.concat(chunks))),
      onResponseError: (_controller, error) => reject(error),
    });
  });

const ask = async <T>(name: string, query: string, variables: Variables): Promise<T> =>
  (JSON.parse(await fetchText(name, query, variables)) as { data: T }).data;

const postsOf = `query Posts__feed__0($first:Int!,$after:String){feed(first:$first,after:$after){id body createdAt author{id}}}`;

const feedOf = `query Feed__feed__0($first:Int!,$after:String){feed(first:$first,after:$after){__typename id body createdAt author{__typename id}}}`;
const authorsOf = `query Feed__users__1($representations:[_Any!]!){_entities(representations:$representations){...on User{handle name}}}`;
const countsOf = `query Feed__counts__2($representations:[_Any!]!){_entities(representations:$representations){...on Post{likeCount shareCount replyCount}}}`;

interface Post extends Row {
  readonly body: string;
  readonly createdAt: string;
  readonly author: Row;
}

interface Entities {
  readonly _entities: readonly Row[];
}

const feed = async (variables: Variables) => {
  const { feed: posts } = await ask<{ readonly feed: readonly Post[] }>('feed', feedOf, variables);
  const [{ _entities: authors }, { _entities: counts }] = await Promise.all([
    ask<Entities>('users', authorsOf, {
      representations: posts.map(({ author: { id } }) => ({ __typename: 'User', id })),
    }),
    ask<Entities>('counts', countsOf, {
      representations: posts.map(({ id }) => ({ __typename: 'Post', id })),
    }),
  ]);
  return posts.map(({ id, body, createdAt, author }, i) => ({
    id,
    body,
    createdAt,
    author: { id: author.id, handle: authors[i]?.handle, name: authors[i]?.name },
    likeCount: counts[i]?.likeCount,
    shareCount: counts[i]?.shareCount,
    replyCount: counts[i]?.replyCount,
  }));
};

createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', async () => {
    const { operationName, variables } = JSON.parse(String(Buffer.concat(chunks)));
    const body =
      operationName === 'Posts'
        ? await fetchText('feed', postsOf, variables)
        : JSON.stringify({ data: { feed: await feed(variables) } });
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
      .end(body);
  });
}).listen(Number(process.env.PORT), process.env.HOST);
