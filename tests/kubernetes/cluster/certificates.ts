import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** PEM files of one certificate. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface Authority extends Certificate {
  /** Issues a certificate for servers on loopback and for clients. */
  issue(name: string): Certificate;
}

const openssl = (args: readonly string[]): void => {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
};

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Makes a certificate authority of a cluster, whose files are in `dir`. */
export const createAuthority = (dir: string): Authority => {
  const file = (name: string) => join(dir, name);
  const own: Certificate = { cert: file('ca.crt'), key: file('ca.key') };
  openssl([
    ...['req', '-x509', ...newKey, '-days', '2', '-subj', '/CN=rookery-tests'],
    ...['-keyout', own.key, '-out', own.cert],
  ]);
  const issue = (name: string): Certificate => {
    const issued: Certificate = { cert: file(`${name}.crt`), key: file(`${name}.key`) };
    const [request, extensions] = [file(`${name}.csr`), file(`${name}.ext`)];
    writeFileSync(
      extensions,
      'subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth,clientAuth\n',
    );
    openssl(['req', ...newKey, '-subj', `/CN=${name}`, '-keyout', issued.key, '-out', request]);
    openssl([
      ...['x509', '-req', '-in', request, '-CA', own.cert, '-CAkey', own.key, '-CAcreateserial'],
      ...['-days', '2', '-extfile', extensions, '-out', issued.cert],
    ]);
    return issued;
  };
  return { ...own, issue };
};
