import { createHash } from 'node:crypto';
import {
  type DocumentNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { type MergedField, MergedFields } from '../limits/merged-fields.ts';
import { isRecord } from '../pipeline/is-record.ts';
import type { FieldRate, FieldRates } from './rules.ts';
import type { Charge } from './token-bucket.ts';

export interface FieldChargesOptions {
  /** Must be valid. */
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** Coerced. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly schema: GraphQLSchema;
  readonly rates: FieldRates;
  /** Whose buckets `viewer` and `address` are. */
  readonly viewer: string;
  readonly address: string;
}

/** By key. */
type Charges = ReadonlyMap<string, Charge>;

/**
 * Returns what an operation takes out of the buckets of its fields: one each time that a field is asked for, under
 * whatever alias. Through an interface or a union a bucket is charged what the type that uses it most would use, because
 * only the answer tells which types turn up.
 */
export const fieldCharges = (options: FieldChargesOptions): Charge[] => {
  const { operation, schema, rates } = options;
  const root = schema.getRootType(operation.operation);
  if (rates.size === 0 || !root) return [];
  return [...new FieldCharges(options).selections([operation.selectionSet], root).values()];
};

class FieldCharges {
  readonly #options: FieldChargesOptions;
  readonly #fields: MergedFields;
  readonly #known = new Map<string, Charges>();

  constructor(options: FieldChargesOptions) {
    this.#options = options;
    this.#fields = new MergedFields(options);
  }

  selections(sets: readonly SelectionSetNode[], type: GraphQLObjectType): Charges {
    const key = `${this.#fields.key(sets)} ${type.name}`;
    const known = this.#known.get(key);
    if (known) return known;
    const sum = new Map<string, Charge>();
    for (const field of this.#fields.of(sets, type)) {
      for (const charge of this.#own(field, type)) combine(sum, charge, (a, b) => a + b);
      for (const charge of this.#below(field).values()) combine(sum, charge, (a, b) => a + b);
    }
    this.#known.set(key, sum);
    return sum;
  }

  #below({ definition, inside }: MergedField): Charges {
    const most = new Map<string, Charge>();
    if (inside.length === 0) return most;
    for (const type of this.#fields.possibleTypes(getNamedType(definition.type)))
      for (const charge of this.selections(inside, type).values()) combine(most, charge, Math.max);
    return most;
  }

  #own(field: MergedField, type: GraphQLObjectType): Charge[] {
    const rates = this.#options.rates.get(`${type.name}.${field.definition.name}`) ?? [];
    return rates.map((rate) => {
      const { at, limit, window } = rate;
      return { key: `field:${at}:${window}:${this.#whose(rate, field)}`, limit, window, cost: 1 };
    });
  }

  #whose({ key }: FieldRate, field: MergedField): string {
    const { viewer, address } = this.#options;
    if (key === 'viewer') return viewer;
    if (key === 'address') return address;
    const value = key
      .split('.')
      .reduce<unknown>(
        (inside, step) => (isRecord(inside) ? inside[step] : undefined),
        this.#fields.argumentsOf(field),
      );
    // A value has one bucket in any notation; hashed, since Redis should not contain it.
    const text = typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '');
    return createHash('sha256').update(text.normalize('NFKC').toLowerCase()).digest('base64url');
  }
}

const combine = (into: Map<string, Charge>, charge: Charge, how: (a: number, b: number) => number): void => {
  const cost = how(into.get(charge.key)?.cost ?? 0, charge.cost);
  into.set(charge.key, { ...charge, cost });
};
