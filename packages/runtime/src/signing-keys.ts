import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { calculateJwkThumbprint, exportJWK, type JSONWebKeySet } from 'jose';
import { ConfigError } from './config.ts';
import { newId } from './ids.ts';
import type { Logger } from './log.ts';
import { watchFiles } from './watch-files.ts';

/** Keys that are in force. */
export interface SigningKeys {
  /** The private key that signs, and its id. */
  readonly signs: { readonly key: KeyObject; readonly kid: string };
  /** The public parts of all keys, by which tokens are verified (RFC 7517). */
  readonly published: JSONWebKeySet;
}

export interface SigningKeysOptions {
  /** At least one. The first is created if it does not exist; the others may be absent. */
  readonly files: readonly string[];
  /** Name of the setting that lists the files, for error messages. */
  readonly setting: string;
  readonly log: Logger;
}

const isThere = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EEXIST';

/**
 * Creates the key, readable only by its owner, if there is none. The file appears complete or not at all, and
 * if replicas start together they all use the first one: `link` never replaces a file.
 */
const makeKeyFile = async (file: string): Promise<void> => {
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
  const own = `${file}.${newId()}`;
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(own, pem, { mode: 0o600, flag: 'wx', flush: true });
    await link(own, file);
  } catch (error) {
    if (!isThere(error)) throw error;
  } finally {
    await rm(own, { force: true });
  }
};

/** Reads a key; undefined if there is no such file. Messages never include the content. */
const readKey = async (file: string, setting: string): Promise<KeyObject | undefined> => {
  let pem: Buffer;
  try {
    pem = await readFile(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new ConfigError(`${setting}: ${file} is not readable: ${code}`);
  }
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Handled by the common error below.
  }
  throw new ConfigError(`${setting} is wrong: ${file} is not an Ed25519 private key in PKCS 8, PEM`);
};

/** @throws ConfigError if a file can't be read or holds something else, or if the first does not exist */
const readKeys = async (files: readonly string[], setting: string): Promise<SigningKeys> => {
  const [signing, ...others] = await Promise.all(files.map((file) => readKey(file, setting)));
  if (signing === undefined) throw new ConfigError(`${setting}: ${files[0]} does not exist`);
  const keys = [signing, ...others.filter((key) => key !== undefined)];
  const jwks = await Promise.all(
    keys.map(async (key) => {
      const jwk = await exportJWK(createPublicKey(key));
      return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'EdDSA', use: 'sig' };
    }),
  );
  // The same key may be in two files while it moves from one to the other.
  const published = [...new Map(jwks.map((jwk) => [jwk.kid, jwk])).values()];
  return { signs: { key: signing, kid: jwks[0]?.kid ?? '' }, published: { keys: published } };
};

/**
 * Opens the Ed25519 keys (PKCS 8, PEM) in these files, and reads them again when a file changes. A file that is not
 * valid leaves all keys as they were, and is logged.
 * @throws ConfigError
 */
export const openSigningKeys = async ({
  files,
  setting,
  log,
}: SigningKeysOptions): Promise<Disposable & { readonly current: SigningKeys }> => {
  const [first = ''] = files;
  if ((await readKey(first, setting)) === undefined) await makeKeyFile(first);
  let current = await readKeys(files, setting);
  const watch = watchFiles({
    files,
    onChange: async () => {
      current = await readKeys(files, setting);
      log.info(
        { setting, signs: current.signs.kid, published: current.published.keys.map(({ kid }) => kid) },
        'signing keys taken over',
      );
    },
    onError: (error) => log.error({ error, setting }, 'signing keys refused; the last ones stay in force'),
  });
  return {
    get current() {
      return current;
    },
    [Symbol.dispose]: () => watch[Symbol.dispose](),
  };
};
