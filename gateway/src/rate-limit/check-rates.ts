import { isIPv6 } from 'node:net';
import { RookeryError, rateLimited } from '@rookery/graphql-server';
import type { OperationCheck, ValidOperation } from '../pipeline/operation.ts';
import { coercedVariables } from '../pipeline/variables.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import { fieldCharges } from './field-charges.ts';
import type { FieldRates } from './rules.ts';
import { type Charge, costOf, refill, type Taken, type TokenBuckets } from './token-bucket.ts';

export interface RateLimits {
  /** Cost per minute that one user may have; 0: no limit. */
  readonly user: number;
  /** Cost per minute of all that comes from one address; 0: no limit. */
  readonly address: number;
  /** True if @rateLimit applies. */
  readonly fields: boolean;
}

export interface CheckRatesOptions {
  readonly supergraph: Supergraph;
  readonly buckets: TokenBuckets;
  readonly limits: RateLimits;
}

/** A charge, and the name under which headers tell of it. */
interface Named extends Charge {
  readonly name: string;
}

const minute = 60;

/** Charges an operation to its user and address, and refuses it if their buckets are exhausted. */
export const checkRates =
  ({ supergraph, buckets, limits }: CheckRatesOptions): OperationCheck =>
  async (operation) => {
    const address = network(operation.contextValue.address ?? '');
    const charges = [
      ...chargesOfClient(limits, operation, address),
      ...(limits.fields ? chargesOfFields(supergraph, operation, address) : []),
    ];
    if (charges.length === 0) return;
    const taken = await buckets.take(charges);
    const headers = headersOf(charges, taken);
    if (!taken.allowed) throw refusal(charges, taken, headers);
    for (const [name, value] of headers) operation.response.http.headers.set(name, value);
  };

/** Returns the charges of the user and of the address. */
const chargesOfClient = (limits: RateLimits, { contextValue }: ValidOperation, address: string): Named[] => {
  const { viewer, record } = contextValue;
  const cost = Math.max(1, record.cost ?? 1);
  const charges: Named[] = [];
  if (limits.user > 0 && viewer !== null)
    charges.push({ name: 'user', key: `user:${viewer}`, limit: limits.user, window: minute, cost });
  if (limits.address > 0 && address !== '')
    charges.push({ name: 'address', key: `address:${address}`, limit: limits.address, window: minute, cost });
  return charges;
};

/** Returns the charges of fields with @rateLimit. */
const chargesOfFields = (
  supergraph: Supergraph,
  { schema, source, document, operation, request, contextValue }: ValidOperation,
  address: string,
): Named[] => {
  const { schema: known, fieldRates: rates } = supergraph.graphOf(schema);
  if (!mayHave(rates, source)) return [];
  const variables = coercedVariables(known, operation, request.variables);
  if (variables === undefined) return [];
  const viewer = contextValue.viewer ?? address;
  const found = fieldCharges({ document, operation, variables, schema: known, rates, viewer, address });
  return found.map((charge) => ({ ...charge, name: 'field' }));
};

/** Most operations are passed over by a look at their text. */
const mayHave = (rates: FieldRates, source: string): boolean =>
  [...rates.keys()].some((coordinate) => source.includes(coordinate.split('.')[1] ?? ''));

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
