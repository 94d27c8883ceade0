import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';

/** The gateway's public keys could not be fetched, and none were fetched before. */
export class GatewayKeysUnavailableError extends Error {
  override readonly name = 'GatewayKeysUnavailableError';
}

export interface GatewayKeys {
  /** Public keys for Ed25519, by id. */
  readonly byId: ReadonlyMap<string, KeyObject>;
  /** The gateway's clock minus this process's clock, in milliseconds, to about a second. */
  readonly clockOffsetMs: number;
  readonly fetchedAt: number;
}

/** A set of public keys (RFC 7517). */
interface KeySet {
  readonly keys: readonly (JsonWebKey & { readonly kid?: string })[];
}

/** Returns the keys that can verify an internal token. */
const readKeys = ({ keys }: KeySet): Map<string, KeyObject> =>
  new Map(
    keys.flatMap((key) =>
      key.kid !== undefined && key.kty === 'OKP' && key.crv === 'Ed25519'
        ? [[key.kid, createPublicKey({ key, format: 'jwk' })] as const]
        : [],
    ),
  );

const fetchTimeoutMs = 2_000;
/** Shortest time between two fetches for the sake of a token that does not verify. */
const cooldownMs = 1_000;
/** Age after which keys are fetched again in the background: a key that was taken out counts no longer. */
const maxAgeMs = 60_000;

/**
 * The public keys of the gateway, fetched on first use and whenever a token does not verify with what is known: a key
 * that the gateway has begun to use is taken over at once, without a restart. The answer's Date header tells how far
 * the two clocks are apart, so that short-lived tokens hold on machines whose clocks differ.
 */
export class GatewayKeySource {
  readonly #url: string;
  #keys: GatewayKeys | undefined;
  #triedAt = Number.NEGATIVE_INFINITY;
  #fetching: Promise<GatewayKeys> | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  /** @throws GatewayKeysUnavailableError */
  async current(): Promise<GatewayKeys> {
    if (this.#keys === undefined) return this.#fetch();
    // Old keys go on counting while the gateway's endpoint is unavailable.
    if (performance.now() - this.#keys.fetchedAt > maxAgeMs) void this.refreshed();
    return this.#keys;
  }

  /** Returns newer keys, or undefined if there are none or they were fetched a moment ago. */
  async refreshed(): Promise<GatewayKeys | undefined> {
    if (this.#fetching === undefined && performance.now() - this.#triedAt < cooldownMs) return undefined;
    return this.#fetch().catch(() => undefined);
  }

  #fetch(): Promise<GatewayKeys> {
    this.#fetching ??= this.#load().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #load(): Promise<GatewayKeys> {
    this.#triedAt = performance.now();
    try {
      const response = await fetch(this.#url, { signal: AbortSignal.timeout(fetchTimeoutMs) });
      if (!response.ok) throw new Error(`status ${response.status}`);
      const byId = readKeys((await response.json()) as KeySet);
      const date = Date.parse(response.headers.get('date') ?? '');
      const clockOffsetMs = Number.isNaN(date) ? 0 : date - Date.now();
      this.#keys = { byId, clockOffsetMs, fetchedAt: performance.now() };
      return this.#keys;
    } catch (error) {
      throw new GatewayKeysUnavailableError(`failed to fetch the gateway's keys from ${this.#url}`, {
        cause: error,
      });
    }
  }
}
