import { type DocumentNode, Kind } from 'graphql';
import { z } from 'zod';
import { argumentsOf, linkedName } from '../linked-directives.ts';
import type { RatePolicy } from './token-bucket.ts';

/** @rateLimit of a field: how often, and what is counted together (`viewer`, `address`, or the path of an argument). */
export interface FieldRate extends RatePolicy {
  readonly key: string;
}

/** By `Type.field`. */
export type FieldRates = ReadonlyMap<string, readonly FieldRate[]>;

const rate = z.object({
  limit: z.number().positive(),
  window: z.number().positive(),
  key: z.string().default('viewer'),
});

/** Reads @rateLimit out of a composed supergraph, where @composeDirective has put it. */
export const readFieldRates = (supergraph: DocumentNode): FieldRates => {
  const called = linkedName(supergraph, 'https://rookery.invalid/rateLimit/', 'rateLimit');
  const rates = new Map<string, readonly FieldRate[]>();
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
    for (const { name, directives = [] } of definition.fields ?? []) {
      const found = directives
        .filter((directive) => directive.name.value === called)
        .map((directive) => rate.parse(argumentsOf(directive)));
      if (found.length > 0) rates.set(`${definition.name.value}.${name.value}`, found);
    }
  }
  return rates;
};
