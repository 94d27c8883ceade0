import { LRUCache } from 'lru-cache';
import {
  type Charge,
  costOf,
  type PendingCharge,
  refill,
  type Taken,
  type TokenBuckets,
} from './token-bucket.ts';

/** Buckets of all gateways, as far as this class needs them. */
export interface SharedTokenBuckets {
  take(charges: readonly PendingCharge[]): Promise<Taken>;
}

/** A gateway grants this share of a limit before it has charged the shared bucket. */
const grantedShare = 0.01;
/** Smallest limit with grants: smaller ones are enforced to the unit. */
const minLimit = 1_000;
/** Time after which grants are charged, in milliseconds. */
const settleMs = 50;
/** Buckets that one command charges, so that no other command waits long for it. */
const maxSettled = 200;
/** Time in milliseconds, and the number of buckets that are remembered. */
export interface DeferredBucketsOptions {
  readonly now: () => number;
  readonly maxAccounts: number;
}

const defaults: DeferredBucketsOptions = { now: () => performance.now(), maxAccounts: 100_000 };

/** Rest of one shared bucket as this gateway knows it. */
interface Account {
  /** As of the last answer; a bucket that was never asked about counts as full. */
  left: number;
  /** Time of that answer, in milliseconds. */
  at: number;
  /** Granted and not charged yet. */
  pending: number;
  /** Charged by calls that are not answered yet. */
  underWay: number;
}

/**
 * Grants charges at once while a shared bucket is far from empty, and charges it a moment later for all of them together.
 * Otherwise the shared bucket decides. All gateways together grant at most one hundredth of the limit for each of them in
 * addition to it, since a gateway never has more pending, and a bucket that is charged below zero refuses until it is refilled.
 */
export class DeferredBuckets implements TokenBuckets {
  readonly #shared: SharedTokenBuckets;
  readonly #onFailure: (error: unknown) => void;
  readonly #now: () => number;
  readonly #accounts: LRUCache<string, Account>;
  /** Accounts with pending tokens, none of which may be forgotten, and the rate of each. */
  readonly #pending = new Map<string, { readonly charge: Charge; readonly account: Account }>();
  #timer: NodeJS.Timeout | undefined;

  /** @param onFailure called if pending tokens could not be charged, which are dropped then */
  constructor(
    shared: SharedTokenBuckets,
    onFailure: (error: unknown) => void,
    { now, maxAccounts }: DeferredBucketsOptions = defaults,
  ) {
    this.#shared = shared;
    this.#onFailure = onFailure;
    this.#now = now;
    this.#accounts = new LRUCache({ max: maxAccounts });
  }

  take(charges: readonly Charge[]): Taken | Promise<Taken> {
    const now = this.#now();
    const left: number[] = [];
    for (const charge of charges) {
      const rest = this.#grantable(charge, now);
      if (rest === undefined) return this.takeNow(charges);
      left.push(rest);
    }
    for (const charge of charges) {
      const account = this.#accountOf(charge);
      account.pending += costOf(charge);
      this.#pending.set(charge.key, { charge, account });
    }
    this.#timer ??= setTimeout(() => void this.settle(), settleMs).unref();
    return { allowed: true, left };
  }

  /** Lets the shared buckets decide, and charges their pending tokens. @throws as they do */
  async takeNow(charges: readonly Charge[]): Promise<Taken> {
    const asked = charges.map((charge) => {
      const account = this.#accountOf(charge);
      const { pending } = account;
      this.#pending.delete(charge.key);
      account.pending = 0;
      account.underWay += pending + costOf(charge);
      return { account, charge: { ...charge, pending } };
    });
    try {
      const taken = await this.#shared.take(asked.map(({ charge }) => charge));
      const at = this.#now();
      for (const [i, { account }] of asked.entries()) {
        account.left = taken.left[i] ?? 0;
        account.at = at;
      }
      return taken;
    } finally {
      for (const { account, charge } of asked) account.underWay -= charge.pending + costOf(charge);
    }
  }

  /** Charges all pending tokens. Never rejects. */
  async settle(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const charges = [...this.#pending.values()].map(({ charge }) => ({ ...charge, cost: 0 }));
    const calls: Promise<unknown>[] = [];
    for (let from = 0; from < charges.length; from += maxSettled)
      calls.push(this.takeNow(charges.slice(from, from + maxSettled)));
    for (const call of await Promise.allSettled(calls))
      if (call.status === 'rejected') this.#onFailure(call.reason);
  }

  /** Returns what is left after a charge that may be granted; undefined if the shared bucket must decide. */
  #grantable(charge: Charge, now: number): number | undefined {
    const { key, limit } = charge;
    if (limit < minLimit) return undefined;
    const cost = costOf(charge);
    const most = limit * grantedShare;
    const account = this.#known(key);
    const { left, at, pending, underWay } = account ?? { left: limit, at: now, pending: 0, underWay: 0 };
    if (pending + underWay + cost > most) return undefined;
    const rest = Math.min(limit, left + (now - at) * refill(charge)) - pending - underWay - cost;
    return rest >= most ? rest : undefined;
  }

  #known(key: string): Account | undefined {
    return this.#accounts.get(key) ?? this.#pending.get(key)?.account;
  }

  #accountOf({ key, limit }: Charge): Account {
    const known = this.#known(key);
    if (known) return known;
    const account: Account = { left: limit, at: this.#now(), pending: 0, underWay: 0 };
    this.#accounts.set(key, account);
    return account;
  }
}
