import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generousLimits, startBareGateway } from '../support/gateway/bare-gateway.ts';
import { startSubgraph } from '../support/gateway/subgraph.ts';
import { startGatewayKeys } from '../support/index.ts';
import { abstractTypes } from './compositions/abstract-types.ts';
import { interfaceObjects } from './compositions/interface-objects.ts';
import { keys } from './compositions/keys.ts';
import { link, type Subgraph } from './compositions/network.ts';
import { requires } from './compositions/requires.ts';
import { sharedTypes } from './compositions/shared-types.ts';

describe.each([abstractTypes, requires, sharedTypes, interfaceObjects, keys])(
  '$about',
  ({ subgraphs, asks }) => {
    const undo = new AsyncDisposableStack();
    let address: string;
    beforeAll(async () => {
      const { keysUrl, keyFile } = undo.use(await startGatewayKeys());
      const names = Object.keys(subgraphs);
      const sdls: Record<string, string> = {};
      const urls: Record<string, string> = {};
      for (const name of names) {
        const { sdl, resolvers } = subgraphs[name] as Subgraph;
        sdls[name] = link + sdl;
        urls[name] = undo.use(await startSubgraph(name, link + sdl, resolvers, keysUrl)).url;
      }
      const { url } = await startBareGateway({ sdls, urls, keyFile, limits: generousLimits }, undo);
      address = `${url}/graphql`;
    });
    afterAll(() => undo.disposeAsync());

    test.each(asks)('%s', async (query, variables, expected) => {
      const response = await fetch(address, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables }),
      });
      const answer = await response.json();
      expect(answer).toEqual('data' in expected ? expected : { data: expected });
    });
  },
);
