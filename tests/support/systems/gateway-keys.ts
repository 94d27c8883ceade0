import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gatewayHeader, issuer, operationDigest, sharedTokenType, tokenType } from '@rookery/subgraph-auth';
import { calculateJwkThumbprint, exportJWK, type JWTPayload, SignJWT } from 'jose';

/** For whom a request to a subgraph is made, and how its token differs from a good one. */
export interface TokenOptions {
  readonly audience: string;
  readonly viewer?: string | null;
  /** The token holds for this body alone. */
  readonly body?: string;
  /** When it was signed, in milliseconds since the epoch. */
  readonly at?: number;
}

/** Signs internal tokens as the gateway does, by code of its own. */
export interface GatewaySigner {
  token(options: TokenOptions): Promise<string>;
  /** Tokens of mutations for one subgraph that share a signature, one for each viewer and body. */
  sharedTokens(
    audience: string,
    requests: readonly { readonly viewer: string; readonly body: string }[],
  ): Promise<readonly string[]>;
  /** Headers of a request for this viewer; the token is bound to the body. */
  headers(
    options: TokenOptions & { readonly readAfter?: readonly string[] },
  ): Promise<Record<string, string>>;
}

export const gatewaySigner = async (key: KeyObject): Promise<GatewaySigner> => {
  const kid = await calculateJwkThumbprint(await exportJWK(createPublicKey(key)));
  const jwtFor = (audience: string, claims: JWTPayload, typ: string, at = Date.now()) => {
    const iat = Math.floor(at / 1_000);
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'EdDSA', kid, typ })
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt(iat)
      .setExpirationTime(iat + 60);
  };
  const token: GatewaySigner['token'] = ({ audience, viewer = null, body, at }) => {
    const jwt = jwtFor(audience, body === undefined ? {} : { op: operationDigest(body) }, tokenType, at);
    return (viewer === null ? jwt : jwt.setSubject(viewer)).sign(key);
  };
  return {
    token,
    async sharedTokens(audience, requests) {
      const claims = requests.map(({ viewer, body }) =>
        Buffer.from(JSON.stringify({ sub: viewer, op: operationDigest(body) })).toString('base64url'),
      );
      const signed = { requests: claims.map(operationDigest) };
      const signature = await jwtFor(audience, signed, sharedTokenType).sign(key);
      return claims.map((each) => `${signature}~${each}`);
    },
    headers: async ({ readAfter = [], ...options }) => ({
      'content-type': 'application/json',
      [gatewayHeader]: await token(options),
      'x-request-id': 'test',
      ...(readAfter.length > 0 ? { 'x-read-after': readAfter.join(',') } : {}),
    }),
  };
};

/** The signer of a system whose gateway uses this key file. */
export const signerOf = (keyFile: string): Promise<GatewaySigner> =>
  gatewaySigner(createPrivateKey(readFileSync(keyFile)));

/** A gateway's keys: published over HTTP for subgraphs, and in a file for a gateway under test. */
export interface GatewayKeyServer extends GatewaySigner, AsyncDisposable {
  readonly keysUrl: string;
  readonly keyFile: string;
}

export const startGatewayKeys = async (): Promise<GatewayKeyServer> => {
  const { privateKey: key } = generateKeyPairSync('ed25519');
  const jwk = await exportJWK(createPublicKey(key));
  const kid = await calculateJwkThumbprint(jwk);
  const dir = mkdtempSync(join(tmpdir(), 'rookery-gateway-keys-'));
  const keyFile = join(dir, 'key.pem');
  writeFileSync(keyFile, key.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const body = JSON.stringify({ keys: [{ ...jwk, kid, alg: 'EdDSA', use: 'sig' }] });
  const server = createServer((_request, response) =>
    response.writeHead(200, { 'content-type': 'application/jwk-set+json' }).end(body),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    ...(await gatewaySigner(key)),
    keyFile,
    keysUrl: `http://127.0.0.1:${port}/gateway-keys.json`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      rmSync(dir, { recursive: true, force: true });
    },
  };
};
