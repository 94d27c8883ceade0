// The files that hold the secrets of compose.yaml. Processes read theirs from /keys, each server from a volume of its own
// that no other container has. A file of credentials has a line `user:password` for each that may be valid.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const newSecret = () => randomBytes(32).toString('base64url');

/** Replaces a file as a whole, so that no reader sees half of it. */
const write = (file, text, mode) => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, text, { mode });
  renameSync(`${file}.new`, file);
};

const toLines = (entries) => `${entries.join('\n')}\n`;
const passwordOf = (entry) => entry.slice(entry.indexOf(':') + 1);
const userOf = (entry) => entry.slice(0, entry.indexOf(':'));

/**
 * Rotates the file in /keys and the files of the servers. Servers run as other users and see only their own volume, so their
 * files are readable by all.
 */
export const secrets = {
  cursor: { file: 'keys/cursor-secrets', create: newSecret, server: () => ({}) },
  postgres: {
    file: 'keys/postgres',
    create: () => `rookery:${newSecret()}`,
    // The newest: Postgres knows one password of a role.
    server: (entries) => ({ 'database-password/password': passwordOf(entries.at(-1)) }),
  },
  redis: {
    file: 'keys/redis',
    create: () => `rookery:${newSecret()}`,
    // Without a log-in only PING is allowed, for the health check.
    server: (entries) => ({
      'redis-users/users.acl': toLines([
        'user default on nopass resetchannels -@all +ping',
        `user rookery on ~* &* +@all ${entries.map((entry) => `>${passwordOf(entry)}`).join(' ')}`,
      ]),
      'redis-users/password': passwordOf(entries[0]),
    }),
  },
  nats: {
    file: 'keys/nats',
    // A user of NATS has one password: two at once are two users.
    create: () => `rookery-${randomBytes(4).toString('hex')}:${newSecret()}`,
    server: (entries) => ({
      'nats-users/users.conf': toLines([
        'authorization {',
        '  users: [',
        ...entries.map((entry) => `    { user: "${userOf(entry)}", password: "${passwordOf(entry)}" }`),
        '  ]',
        '}',
      ]),
    }),
  },
  mongo: {
    file: 'keys/mongo',
    create: () => `rookery-${randomBytes(4).toString('hex')}:${newSecret()}`,
    // Read by the image when it makes the database.
    server: (entries) => ({
      'mongo-password/user': userOf(entries.at(-1)),
      'mongo-password/password': passwordOf(entries.at(-1)),
    }),
  },
};

/** Opens the secrets below a folder, `/` in a container. */
export const keyFiles = (root) => {
  const path = (file) => join(root, file);
  return {
    path,
    exists: (file) => existsSync(path(file)),
    read: ({ file }) =>
      readFileSync(path(file), 'utf8')
        .split('\n')
        .filter((line) => line !== ''),
    /** The server's files are written last: a process that reads an entry too early is refused and tries the next. */
    write: (secret, entries) => {
      write(path(secret.file), toLines(entries), 0o600);
      for (const [file, text] of Object.entries(secret.server(entries))) write(path(file), text, 0o644);
    },
    writeOnce: (file, text) => {
      if (!existsSync(path(file))) write(path(file), text, 0o600);
    },
  };
};
