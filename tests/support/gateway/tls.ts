import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from 'node:http2';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { PeerCertificate, TLSSocket } from 'node:tls';

/** For clients: the certificate is self-signed. */
export const insecure = { rejectUnauthorized: false };

export interface Certificates extends Disposable {
  /** PEM files of the pair that is in use. */
  readonly certFile: string;
  readonly keyFile: string;
  /** Puts one of the pairs in the place of the one in use. */
  use(name: string): void;
}

/** Self-signed certificates, as openssl makes them; the first is in use. */
export const certificates = (...names: readonly [string, ...string[]]): Certificates => {
  const dir = mkdtempSync(join(tmpdir(), 'rookery-tls-'));
  const file = (name: string) => join(dir, name);
  for (const name of names)
    execFileSync(
      'openssl',
      // biome-ignore format: one option with its value on a line is no easier to read
      ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
        '-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', file(`${name}.key`), '-out', file(`${name}.crt`)],
      { stdio: 'ignore' },
    );
  const use = (name: string): void => {
    copyFileSync(file(`${name}.crt`), file('used.crt'));
    copyFileSync(file(`${name}.key`), file('used.key'));
  };
  use(names[0]);
  return {
    certFile: file('used.crt'),
    keyFile: file('used.key'),
    use,
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  };
};

export interface Http1Answer {
  readonly version: string;
  readonly text: string;
  readonly certificate: PeerCertificate;
}

/** A query by HTTP/1.1, over a connection of its own. */
export const overHttp1 = (url: string, query: string): Promise<Http1Answer> =>
  new Promise((resolve, reject) => {
    const asked = request(
      `${url}/graphql`,
      { ...insecure, method: 'POST', agent: false, headers: { 'content-type': 'application/json' } },
      async (response) => {
        const certificate = (response.socket as TLSSocket).getPeerCertificate();
        resolve({ version: response.httpVersion, text: await text(response), certificate });
      },
    );
    asked.on('error', reject);
    asked.end(JSON.stringify({ query }));
  });

export const openHttp2 = (url: string): ClientHttp2Session => connect(url, insecure);

/** A query by HTTP/2. */
export const overHttp2 = async (session: ClientHttp2Session, query: string): Promise<string> => {
  const stream = session.request({
    ':method': 'POST',
    ':path': '/graphql',
    'content-type': 'application/json',
  });
  stream.end(JSON.stringify({ query }));
  return text(stream);
};

/** An operation by HTTP/2 that is answered as a stream. */
export const streamHttp2 = async (session: ClientHttp2Session, query: string, accept: string) => {
  const body = session.request({
    ':method': 'POST',
    ':path': '/graphql',
    'content-type': 'application/json',
    accept,
  });
  body.end(JSON.stringify({ query }));
  const [headers] = (await once(body, 'response')) as [IncomingHttpHeaders];
  return { status: Number(headers[':status']), contentType: headers['content-type'] ?? '', body };
};
