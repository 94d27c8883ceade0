import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gatewayHeader, issuer, operationDigest, tokenType } from './claims.ts';

/** For whom a test asks. */
export interface TestTokenOptions {
  /** Id of the signed-in user; default: nobody is signed in. */
  readonly viewer?: string | null;
  readonly scopes?: readonly string[];
  readonly roles?: readonly string[];
  /** Name of the subgraph that the token is for; default: that of the test gateway. */
  readonly audience?: string;
  /** The token holds for this request body only, as those of mutations do. */
  readonly body?: string | Uint8Array;
  /** Time of issue, in milliseconds since the epoch; default: now. */
  readonly issuedAt?: number;
}

/** Signs tokens as the gateway does, with a key of its own that it publishes over HTTP. */
export interface TestGateway {
  /** Address of its keys, for GATEWAY_KEYS_URL. */
  readonly keysUrl: string;
  /** Returns a token that lives for a minute. */
  token(options?: TestTokenOptions): string;
  /** Returns the headers of a request with this body. */
  headers(body: string, options?: TestTokenOptions): Record<string, string>;
  stop(): Promise<void>;
}

const lifetimeS = 60;
const kid = 'test';

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const publish = async (key: KeyObject) => {
  const jwk = createPublicKey(key).export({ format: 'jwk' });
  const body = JSON.stringify({ keys: [{ ...jwk, kid, alg: 'EdDSA', use: 'sig' }] });
  const server = createServer((_request, response) =>
    response.writeHead(200, { 'content-type': 'application/jwk-set+json' }).end(body),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
};

/**
 * Starts a gateway for the tests of a subgraph: it signs tokens, and does nothing else.
 * @param audience name of the subgraph in the supergraph
 */
export const startTestGateway = async (audience: string): Promise<TestGateway> => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const server = await publish(privateKey);
  const { port } = server.address() as AddressInfo;
  const token: TestGateway['token'] = ({
    viewer = null,
    scopes = [],
    roles = [],
    audience: aud = audience,
    body,
    issuedAt = Date.now(),
  } = {}) => {
    const iat = Math.floor(issuedAt / 1_000);
    const claims = {
      iss: issuer,
      aud,
      iat,
      exp: iat + lifetimeS,
      ...(viewer === null ? {} : { sub: viewer }),
      ...(scopes.length > 0 ? { scope: scopes.join(' ') } : {}),
      ...(roles.length > 0 ? { roles } : {}),
      ...(body === undefined ? {} : { op: operationDigest(body) }),
    };
    const signed = `${base64url({ alg: 'EdDSA', kid, typ: tokenType })}.${base64url(claims)}`;
    return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`;
  };
  return {
    keysUrl: `http://127.0.0.1:${port}/gateway-keys.json`,
    token,
    headers: (body, options) => ({
      'content-type': 'application/json',
      [gatewayHeader]: token({ body, ...options }),
    }),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
