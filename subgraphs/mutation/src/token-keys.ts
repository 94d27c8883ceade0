import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ConfigError, type Logger, newId, watchFiles } from '@rookery/service';
import { calculateJwkThumbprint, exportJWK, type JSONWebKeySet } from 'jose';

/** Keys of one moment. */
export interface TokenKeys {
  /** The one that signs, and its id. */
  readonly signs: { readonly key: KeyObject; readonly kid: string };
  /** The public parts of all, by which tokens are checked (RFC 7517). */
  readonly published: JSONWebKeySet;
}

const isThere = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EEXIST';

/**
 * Makes the key, for its owner's eyes alone, where there is none. It comes to be whole or not at all, and when
 * replicas start together the first one's is everybody's: `link` never replaces a file.
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

/** @returns undefined where there is no such file. What is in one stays out of the message. */
const readKey = async (file: string): Promise<KeyObject | undefined> => {
  let pem: Buffer;
  try {
    pem = await readFile(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new ConfigError(`TOKEN_KEY_FILE: ${file} can't be read: ${code}`);
  }
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Falls through to the one answer.
  }
  throw new ConfigError(`TOKEN_KEY_FILE is wrong: ${file} is not an Ed25519 private key in PKCS 8, PEM`);
};

/** @throws ConfigError where one holds something else or can't be read, or where the first is not there */
const readKeys = async (files: readonly string[]): Promise<TokenKeys> => {
  const [signing, ...others] = await Promise.all(files.map(readKey));
  if (signing === undefined) throw new ConfigError(`TOKEN_KEY_FILE: ${files[0]} is not there`);
  const keys = [signing, ...others.filter((key) => key !== undefined)];
  const jwks = await Promise.all(
    keys.map(async (key) => {
      const jwk = await exportJWK(createPublicKey(key));
      return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'EdDSA', use: 'sig' };
    }),
  );
  // The same key may stand in two files while it moves from one to the other.
  const published = [...new Map(jwks.map((jwk) => [jwk.kid, jwk])).values()];
  return { signs: { key: signing, kid: jwks[0]?.kid ?? '' }, published: { keys: published } };
};

/**
 * The keys in these files, of which the first is made where it is not there; the others may be absent. They are read
 * again when a file changes. A file that is no good leaves the keys that there were, all of them, and the log says so.
 * @param files at least one
 * @throws ConfigError
 */
export const openTokenKeys = async (
  files: readonly string[],
  log: Logger,
): Promise<Disposable & { readonly current: TokenKeys }> => {
  const [first = ''] = files;
  if ((await readKey(first)) === undefined) await makeKeyFile(first);
  let current = await readKeys(files);
  const watch = watchFiles({
    files,
    onChange: async () => {
      current = await readKeys(files);
      log.info(
        { signs: current.signs.kid, published: current.published.keys.map(({ kid }) => kid) },
        'token keys taken over',
      );
    },
    onError: (error) => log.error({ error }, 'token keys refused; the last ones stay'),
  });
  return {
    get current() {
      return current;
    },
    [Symbol.dispose]: () => watch[Symbol.dispose](),
  };
};
