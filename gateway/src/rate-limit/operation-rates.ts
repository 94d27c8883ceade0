import { isIPv6 } from 'node:net';
import { RookeryError, rateLimited } from '@rookery/graphql-server';
import type { OperationContext } from '../pipeline/context.ts';
import type { Prepared } from '../pipeline/prepared.ts';
import { fieldCharges } from './field-charges.ts';
import { type Charge, costOf, refill, type Taken, type TokenBuckets } from './token-bucket.ts';

export interface RateLimits {
  /** Cost per minute that one user may have; 0: no limit. */
  readonly user: number;
  /** Cost per minute of all that comes from one address; 0: no limit. */
  readonly address: number;
  /** True if @rateLimit applies. */
  readonly fields: boolean;
}

/** A charge, and the name under which headers tell of it. */
interface Named extends Charge {
  readonly name: string;
}

/** An operation to charge. */
export interface Charged {
  readonly prepared: Prepared;
  /** Coerced; undefined if they do not fit. */
  readonly variables: Readonly<Record<string, unknown>> | undefined;
  /** Undefined if it is not known, because the variables do not fit. */
  readonly cost: number | undefined;
  readonly context: Pick<OperationContext, 'viewer' | 'address'>;
}

/** Headers that tell a client of its limits. */
export type RateHeaders = ReadonlyMap<string, string>;

const minute = 60;
const noHeaders: RateHeaders = new Map();

/** Charges operations to their user and address, and to the buckets of their fields. */
export class OperationRates {
  readonly #buckets: TokenBuckets;
  readonly #limits: RateLimits;

  constructor(buckets: TokenBuckets, limits: RateLimits) {
    this.#buckets = buckets;
    this.#limits = limits;
  }

  /**
   * Returns at once if no shared bucket has to be asked.
   * @throws RookeryError RATE_LIMITED if a bucket is exhausted
   */
  charge(charged: Charged): RateHeaders | Promise<RateHeaders> {
    const address = network(charged.context.address ?? '');
    const charges = [
      ...chargesOfClient(this.#limits, charged, address),
      ...(this.#limits.fields ? chargesOfFields(charged, address) : []),
    ];
    if (charges.length === 0) return noHeaders;
    const taken = this.#buckets.take(charges);
    return 'left' in taken
      ? headersUnlessRefused(charges, taken)
      : taken.then((each) => headersUnlessRefused(charges, each));
  }
}

/** @throws RookeryError RATE_LIMITED if it was not taken */
const headersUnlessRefused = (charges: readonly Named[], taken: Taken): RateHeaders => {
  const headers = headersOf(charges, taken);
  if (!taken.allowed) throw refusal(charges, taken, headers);
  return headers;
};

/** Returns the charges of the user and of the address. */
const chargesOfClient = (
  limits: RateLimits,
  { cost: known = 1, context: { viewer } }: Charged,
  address: string,
): Named[] => {
  const cost = Math.max(1, known);
  const charges: Named[] = [];
  if (limits.user > 0 && viewer !== null)
    charges.push({ name: 'user', key: `user:${viewer}`, limit: limits.user, window: minute, cost });
  if (limits.address > 0 && address !== '')
    charges.push({ name: 'address', key: `address:${address}`, limit: limits.address, window: minute, cost });
  return charges;
};

/** Returns the charges of fields with @rateLimit. */
const chargesOfFields = ({ prepared, variables, context }: Charged, address: string): Named[] => {
  if (!prepared.mayHaveFieldRates || variables === undefined) return [];
  const { document, operation, graph } = prepared;
  const { schema, fieldRates: rates } = graph;
  const viewer = context.viewer ?? address;
  const found = fieldCharges({ document, operation, variables, schema, rates, viewer, address });
  return found.map((charge) => ({ ...charge, name: 'field' }));
};

/** Returns the network of an IPv6 customer (RFC 6177), within which addresses are free. */
const network = (address: string): string => {
  if (!isIPv6(address)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  const [head = '', tail] = address.split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - first.length - last.length;
  return [...first, ...Array(Math.max(0, zeros)).fill('0'), ...last].slice(0, 4).join(':');
};

/** RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-10), of the user and the address. */
const headersOf = (charges: readonly Named[], { left }: Taken): Map<string, string> => {
  const told = charges.flatMap((charge, i) =>
    charge.name === 'field' ? [] : [{ charge, left: left[i] ?? 0 }],
  );
  if (told.length === 0) return new Map();
  return new Map([
    [
      'ratelimit-policy',
      told.map(({ charge: { name, limit, window } }) => `"${name}";q=${limit};w=${window}`).join(', '),
    ],
    [
      'ratelimit',
      told
        .map(({ charge, left: r }) => {
          const full = Math.ceil((charge.limit - r) / refill(charge) / 1000);
          return `"${charge.name}";r=${Math.floor(Math.max(0, r))};t=${full}`;
        })
        .join(', '),
    ],
  ]);
};

const refusal = (charges: readonly Charge[], { left }: Taken, headers: Map<string, string>): RookeryError => {
  const waits = charges.map((charge, i) => (costOf(charge) - (left[i] ?? 0)) / refill(charge) / 1000);
  const retryAfter = Math.max(1, Math.ceil(Math.max(...waits)));
  const { code, message } = rateLimited(retryAfter);
  const http = { status: 429, headers: new Map([...headers, ['retry-after', String(retryAfter)]]) };
  return new RookeryError(code, message, { retryAfter, http });
};
