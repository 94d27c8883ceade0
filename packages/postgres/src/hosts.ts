const pattern = /^(postgres(?:ql)?:\/\/(?:[^@/?]*@)?)([^/?]*)(.*)$/;

/** Splits postgres://user@a:5432,b:5432/db into one address for each host. */
export const splitHosts = (address: string): readonly [string, ...string[]] => {
  const [, before = '', hosts = '', after = ''] = pattern.exec(address) ?? [];
  const [first = '', ...others] = hosts.split(',');
  if (others.length === 0) return [address];
  const addressOf = (host: string) => `${before}${host}${after}`;
  return [addressOf(first), ...others.map(addressOf)];
};

/** Returns whether this is the address of a Postgres, with one host or several. */
export const isPostgresAddress = (address: string): boolean =>
  pattern.test(address) && splitHosts(address).every((one) => URL.canParse(one));

/**
 * The hosts of a Postgres with streaming replication, one of which is the primary. All connections of a process share the
 * knowledge of which one that was last.
 */
export class Hosts {
  readonly addresses: readonly [string, ...string[]];
  #current = 0;
  #failures = 0;

  constructor(address: string) {
    this.addresses = splitHosts(address);
  }

  get areSeveral(): boolean {
    return this.addresses.length > 1;
  }

  /** Address of the host to try next. */
  get current(): string {
    return this.addresses[this.#current] ?? this.addresses[0];
  }

  /** Notes that this host is no good: down, or a standby. Only the first of several connections that notice moves on. */
  fail(address: string): void {
    this.#failures++;
    if (address === this.current) this.#current = (this.#current + 1) % this.addresses.length;
  }

  /** Tries to connect, and again with the next host as long as one fails, each once. */
  async tryEach<T>(connect: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      const before = this.#failures;
      try {
        return await connect();
      } catch (error) {
        const isOfHost = this.#failures > before;
        if (!isOfHost || tries >= this.addresses.length) throw error;
      }
    }
  }
}
