import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import * as graphiql from '@graphql-yoga/render-graphiql/graphiql';

/** One file of the page, ready to be sent. */
export interface Asset {
  readonly type: string;
  readonly plain: Buffer;
  readonly gzipped: Buffer;
  readonly etag: string;
}

const zip = promisify(gzip);

const asset = async (type: string, text: string): Promise<Asset> => {
  const plain = Buffer.from(text);
  const etag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`;
  return { type, plain, gzipped: await zip(plain), etag };
};

const javascript = (text: string) => asset('text/javascript; charset=utf-8', text);
const file = (path: URL | string) => readFileSync(path, 'utf8');
const graphqlWs = new URL('../umd/graphql-ws.min.js', import.meta.resolve('graphql-ws'));

/** Everything that the page loads, by file name: all of it comes out of npm packages, nothing from elsewhere. */
export const assets: ReadonlyMap<string, Asset> = new Map(
  await Promise.all(
    [
      ['graphiql.js', javascript(graphiql.js)] as const,
      ['graphiql.css', asset('text/css; charset=utf-8', graphiql.css)] as const,
      ['editor.worker.js', javascript(graphiql.editorWorkerService)] as const,
      ['json.worker.js', javascript(graphiql.jsonWorker)] as const,
      ['graphql.worker.js', javascript(graphiql.graphqlWorker)] as const,
      ['graphql-ws.js', javascript(file(graphqlWs))] as const,
      ['page.js', javascript(file(fileURLToPath(new URL('./page.js', import.meta.url))))] as const,
    ].map(async ([name, made]) => [name, await made] as const),
  ),
);
