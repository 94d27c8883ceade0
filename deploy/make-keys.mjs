// Runs once, before everything else: makes the secrets that a first `docker compose up` needs, so that no default
// password exists anywhere. Existing files stay.
//   node deploy/make-keys.mjs [root]
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { keyFiles, secrets } from './key-files.mjs';

const files = keyFiles(process.argv[2] ?? '/');

/** An installation from before there was a file for each secret: its cursors and its database go on. */
const before = () => {
  const file = files.path('keys/secrets.env');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const [, cursor] = /^CURSOR_SECRET=(.+)$/m.exec(text) ?? [];
  const [, password] = /^POSTGRES_URL=postgres:\/\/rookery:(.+)@/m.exec(text) ?? [];
  return { cursor, postgres: password && `rookery:${password}` };
};

const known = before();
for (const [name, secret] of Object.entries(secrets)) {
  if (!files.exists(secret.file)) files.write(secret, [known[name] ?? secret.create()]);
}

// On a volume of its own: subgraphs verify the gateway's requests by public keys alone.
files.writeOnce(
  'gateway-keys/internal-key.pem',
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }),
);
