import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;

export interface Issuer extends AsyncDisposable {
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly audience: string;
  /** A token of this issuer; whatever is given replaces what a good one has. */
  token(
    viewer: string,
    wrong?: { claims?: JWTPayload; key?: KeyPair['privateKey']; alg?: string },
  ): Promise<string>;
  /** Signs with a new key from now on, and publishes that one alone. */
  rotate(): Promise<void>;
  /** Returns how often the keys were requested. */
  readonly asked: () => number;
  /** Answers 500 until told otherwise. */
  fail(failing: boolean): void;
}

const seconds = () => Math.floor(Date.now() / 1000);

/**
 * Calls `use` with a token that expires soon, and if the machine was too slow to use it in time (`undefined`), again
 * with one that lives longer.
 */
export const withShortToken = async <T>(
  issuer: Issuer,
  viewer: string,
  use: (token: string) => Promise<T | undefined>,
): Promise<T> => {
  // The gateway allows for clocks that are five seconds apart.
  for (let lives = 2; lives <= 32; lives *= 2) {
    const used = await use(await issuer.token(viewer, { claims: { exp: seconds() - 5 + lives } }));
    if (used !== undefined) return used;
  }
  throw new Error('no token lived long enough to be used');
};

/** An identity provider: signs tokens (EdDSA) and publishes its keys over HTTP. */
export const startIssuer = async (): Promise<Issuer> => {
  let serial = 0;
  let asked = 0;
  let failing = false;
  let pair: KeyPair;
  let jwk: JWK;
  const rotate = async () => {
    pair = await generateKeyPair('EdDSA', { extractable: true });
    jwk = { ...(await exportJWK(pair.publicKey)), kid: `key-${++serial}`, alg: 'EdDSA', use: 'sig' };
  };
  await rotate();
  const server = createServer((_request, response) => {
    asked++;
    if (failing) response.writeHead(500).end();
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: [jwk] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const [issuer, audience] = ['test-issuer', 'test-audience'];
  return {
    jwksUrl: `http://127.0.0.1:${port}/jwks`,
    issuer,
    audience,
    token: (viewer, { claims = {}, key, alg = 'EdDSA' } = {}) =>
      new SignJWT({
        sub: viewer,
        iss: issuer,
        aud: audience,
        iat: seconds(),
        exp: seconds() + 600,
        ...claims,
      })
        .setProtectedHeader({ alg, kid: jwk.kid ?? '' })
        .sign(key ?? pair.privateKey),
    rotate,
    asked: () => asked,
    fail: (now) => {
      failing = now;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
