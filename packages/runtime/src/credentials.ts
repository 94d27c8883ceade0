import { readFileSync } from 'node:fs';

/** A name and a password that a server may accept. */
export interface Credential {
  readonly user: string | undefined;
  readonly password: string;
}

/**
 * Address of a server without its query parameter `credentials-file`, and the file that the parameter names. The file
 * has a line for each credential that may be valid now: `user:password`, or a password alone for the user of the address.
 */
export interface ServerAddress {
  readonly url: string;
  readonly credentialsFile: string | undefined;
}

/** Splits an address. Works on text, because several hosts in one address (MongoDB, NATS) make it no valid URL. */
export const readServerAddress = (address: string): ServerAddress => {
  let credentialsFile: string | undefined;
  const url = address
    .replace(/([?&])credentials-file=([^&,]*)(&?)/g, (_, before: string, file: string, after: string) => {
      credentialsFile = decodeURIComponent(file);
      return after === '' ? '' : before;
    })
    .replace(/\?$/, '');
  return { url, credentialsFile };
};

/** @throws Error if the file cannot be read or holds no password */
const readCredentialsFile = (file: string, user: string | undefined): readonly Credential[] => {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => line.trim() || []);
  if (lines.length === 0) throw new Error(`${file} holds no password`);
  return lines.map((line) => {
    const colon = line.indexOf(':');
    return colon === -1
      ? { user, password: line }
      : { user: line.slice(0, colon) || user, password: line.slice(colon + 1) };
  });
};

const userIn = (url: string): string | undefined => {
  const [, user] = /^[a-z+]+:\/\/([^:@/?]*)(?::[^@/?]*)?@/.exec(url) ?? [];
  return user ? decodeURIComponent(user) : undefined;
};

/** Returns an address with this credential in it. */
export const withCredential = (address: string, credential: Credential | undefined): string => {
  if (credential === undefined) return address;
  const url = new URL(address);
  if (credential.user !== undefined) url.username = encodeURIComponent(credential.user);
  url.password = encodeURIComponent(credential.password);
  return url.href;
};

const same = (one: Credential, other: Credential): boolean =>
  one.user === other.user && one.password === other.password;

/**
 * Credentials of one server, read again from their file for every new connection. While a password is replaced, the
 * file lists the old and the new one: a connection that the server refuses is tried with the next.
 */
export class Credentials {
  /** Address without credentials-file. */
  readonly url: string;
  /** Undefined if the address itself holds the credentials: then they never change. */
  readonly file: string | undefined;
  readonly #user: string | undefined;
  #refused: readonly Credential[] = [];

  constructor(address: string) {
    const { url, credentialsFile } = readServerAddress(address);
    this.url = url;
    this.file = credentialsFile;
    this.#user = userIn(url);
  }

  /**
   * Number of times that a connection is worth a try: twice with each credential, because one that was refused first may
   * become valid while the others are tried.
   */
  get tries(): number {
    return this.file === undefined ? 1 : 2 * readCredentialsFile(this.file, this.#user).length;
  }

  /**
   * Returns the credential to connect with now; undefined if the address itself says it.
   * @throws Error if the file cannot be read
   */
  pick(): Credential | undefined {
    if (this.file === undefined) return undefined;
    const all = readCredentialsFile(this.file, this.#user);
    const fresh = all.find((one) => !this.#refused.some((other) => same(one, other)));
    // Each was refused at some time: the server may have changed since.
    if (fresh === undefined) this.#refused = [];
    return fresh ?? all[0];
  }

  /** Notes that the server refused a credential, so that the next connection is tried with another one first. */
  refuse(credential: Credential | undefined): void {
    if (credential === undefined || this.#refused.some((other) => same(credential, other))) return;
    this.#refused = [...this.#refused, credential];
  }

  /**
   * Connects, and again with the next credential each time that the server refuses one. Reads the file only after a refusal:
   * `connect` is called for every query of a pool, and picks the credential itself if it opens a connection.
   * @throws what `connect` threw last
   */
  async connectWithAny<T>(connect: () => Promise<T>, isRefused: (error: unknown) => boolean): Promise<T> {
    let left: number | undefined;
    for (;;) {
      try {
        return await connect();
      } catch (error) {
        if (!isRefused(error)) throw error;
        left = (left ?? this.tries) - 1;
        if (left < 1) throw error;
      }
    }
  }
}
