// Runs once, before everything else: makes the secrets that a first `docker compose up` needs, so that no default
// password exists anywhere. What is there stays.
import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';

const secretsFile = '/keys/secrets.env';
const passwordFile = '/database-password/password';
const secret = () => randomBytes(32).toString('base64url');

if (!existsSync(secretsFile)) {
  const password = secret();
  // Postgres runs as another user and sees nothing but this one file.
  writeFileSync(passwordFile, password, { mode: 0o644 });
  writeFileSync(
    secretsFile,
    [
      `INTERNAL_SECRET=${secret()}`,
      `CURSOR_SECRET=${secret()}`,
      `POSTGRES_URL=postgres://rookery:${password}@postgres:5432/rookery`,
      '',
    ].join('\n'),
    { mode: 0o600 },
  );
}
