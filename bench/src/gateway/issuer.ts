import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { newId } from '@rookery/runtime';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

/** Starts a token issuer that serves its keys over HTTP, and creates the tokens of `count` users. */
export const startIssuer = async (count: number, resources: AsyncDisposableStack) => {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA');
  const key = { ...(await exportJWK(publicKey)), kid: 'bench', alg: 'EdDSA', use: 'sig' };
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: [key] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  resources.defer(async () => {
    server.closeAllConnections();
    server.close();
  });
  const tokens = await Promise.all(
    Array.from({ length: count }, () =>
      new SignJWT({})
        .setProtectedHeader({ alg: 'EdDSA', kid: 'bench' })
        .setSubject(newId())
        .setIssuer('bench')
        .setAudience('bench')
        .setIssuedAt()
        .setExpirationTime('1h')
        .sign(privateKey),
    ),
  );
  const { port } = server.address() as AddressInfo;
  return { tokens, jwksUrl: `http://127.0.0.1:${port}/jwks.json` };
};
