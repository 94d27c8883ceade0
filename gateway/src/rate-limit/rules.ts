import { argumentsOf, linkedName } from '@rookery/federation-executor';
import { rateLimitArguments } from '@rookery/schema/limit-directives';
import { type DocumentNode, Kind } from 'graphql';
import type { RatePolicy } from './token-bucket.ts';

/** @rateLimit of a field: rate, and scope of the count (`viewer`, `address`, or the path of an argument). */
export interface FieldRate extends RatePolicy {
  readonly key: string;
  /** Coordinate of the directive, `Type.field`: selections through an interface share its bucket. */
  readonly at: string;
}

/** Rates by `Type.field` of an object type: those of the field, and of the same field of its interfaces. */
export type FieldRates = ReadonlyMap<string, readonly FieldRate[]>;

/** Reads @rateLimit from a composed supergraph, which has it through @composeDirective. */
export const readFieldRates = (supergraph: DocumentNode): FieldRates => {
  const called = linkedName(supergraph, 'https://rookery.invalid/rateLimit/', 'rateLimit');
  const composites = supergraph.definitions.filter(
    (each) => each.kind === Kind.OBJECT_TYPE_DEFINITION || each.kind === Kind.INTERFACE_TYPE_DEFINITION,
  );
  const standing = new Map<string, readonly FieldRate[]>();
  for (const { name: type, fields = [] } of composites)
    for (const { name, directives = [] } of fields) {
      const at = `${type.value}.${name.value}`;
      const found = directives
        .filter((directive) => directive.name.value === called)
        .map((directive) => ({ ...rateLimitArguments.parse(argumentsOf(directive)), at }));
      if (found.length > 0) standing.set(at, found);
    }

  const rates = new Map<string, readonly FieldRate[]>();
  for (const { kind, name: type, interfaces = [], fields = [] } of composites) {
    if (kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
    const types = [type, ...interfaces].map((each) => ('value' in each ? each.value : each.name.value));
    for (const { name } of fields) {
      const found = types.flatMap((each) => standing.get(`${each}.${name.value}`) ?? []);
      if (found.length > 0) rates.set(`${type.value}.${name.value}`, found);
    }
  }
  return rates;
};
