// Runs once, before everything else: makes the secrets that a first `docker compose up` needs, so that no default
// password exists anywhere. What is there stays.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';

const secretsFile = '/keys/secrets.env';
const passwordFile = '/database-password/password';
// On a volume of its own: subgraphs verify the gateway's requests by public keys alone.
const internalKeyFile = '/gateway-keys/internal-key.pem';
const secret = () => randomBytes(32).toString('base64url');

if (!existsSync(secretsFile)) {
  const password = secret();
  // Postgres runs as another user and sees nothing but this one file.
  writeFileSync(passwordFile, password, { mode: 0o644 });
  writeFileSync(
    secretsFile,
    [
      `CURSOR_SECRET=${secret()}`,
      `POSTGRES_URL=postgres://rookery:${password}@postgres:5432/rookery`,
      '',
    ].join('\n'),
    { mode: 0o600 },
  );
}

if (!existsSync(internalKeyFile)) {
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(internalKeyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
}
