import type { Auth, NodeConnectionOptions } from '@nats-io/transport-node';
import { type Credential, Credentials } from '@rookery/runtime';

const authOf = (credential: Credential | undefined, inAddress: URL | undefined): Auth => {
  const user = credential?.user ?? decodeURIComponent(inAddress?.username ?? '');
  const pass = credential?.password ?? decodeURIComponent(inAddress?.password ?? '');
  if (user && pass) return { user, pass };
  const token = pass || user;
  return token ? { auth_token: token } : undefined;
};

/** One server, or several of one cluster with commas between, and the credentials for every new connection to them. */
export class NatsAddress {
  readonly #credentials: Credentials;
  readonly #servers: readonly URL[];
  #used: Credential | undefined;

  /**
   * @param address nats://user:password@host:port, nats://token@host:port, or with `?credentials-file=/path`; a path
   * after the host is left out
   */
  constructor(address: string) {
    this.#credentials = new Credentials(address);
    this.#servers = this.#credentials.url.split(',').map((text) => new URL(text.trim()));
  }

  /** Undefined if the address itself holds the credentials. */
  get credentialsFile(): string | undefined {
    return this.#credentials.file;
  }

  /** Number of times that a connection is worth a try. */
  get tries(): number {
    return this.#credentials.tries;
  }

  /** Returns the part of the client's options that follows from the address. */
  get options(): NodeConnectionOptions {
    const [first] = this.#servers;
    return {
      servers: this.#servers.map(({ host }) => host),
      ...(first?.protocol === 'tls:' ? { tls: {} } : {}),
      authenticator: () => this.#authenticate(),
    };
  }

  /** Notes that the server refused the credential used last, so that another one is tried next. */
  refused(): void {
    this.#credentials.refuse(this.#used);
  }

  #authenticate(): Auth {
    try {
      this.#used = this.#credentials.pick();
    } catch {
      // The client calls this on its own, with nobody to catch: the server then refuses, or takes the last credential.
    }
    return authOf(this.#used, this.#servers[0]);
  }
}
