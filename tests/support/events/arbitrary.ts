import fc from 'fast-check';
import { z } from 'zod';

type JsonSchema = z.core.JSONSchema.JSONSchema | boolean;

const text = fc.string({ unit: 'grapheme' });

const fromJsonSchema = (schema: JsonSchema): fc.Arbitrary<unknown> => {
  if (typeof schema === 'boolean') throw new TypeError('a schema without a type');
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(fromJsonSchema));
  if (Array.isArray(schema.type))
    return fc.oneof(...schema.type.map((type) => fromJsonSchema({ ...schema, type })));
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.type === 'null') return fc.constant(null);
  if (schema.type === 'string' && schema.format === 'uuid') return fc.uuid();
  if (schema.type === 'string' && schema.format === 'date-time')
    return fc
      .date({ noInvalidDate: true, min: new Date(0), max: new Date('2999-12-31') })
      .map((at) => at.toISOString());
  if (schema.type === 'string') return text;
  if (schema.type === 'boolean')
    return typeof schema.const === 'boolean' ? fc.constant(schema.const) : fc.boolean();
  if (schema.type === 'array')
    return fc.array(fromJsonSchema(schema.items as JsonSchema), { maxLength: schema.maxItems ?? 10 });
  if (schema.type === 'integer') return fc.maxSafeNat();
  if (schema.type !== 'object')
    throw new TypeError(`no arbitrary for ${JSON.stringify(schema)}: add one to this file`);
  const fields = Object.entries(schema.properties ?? {}).map(
    ([name, field]) => [name, fromJsonSchema(field)] as const,
  );
  return fc.record(Object.fromEntries(fields), { requiredKeys: [...(schema.required ?? [])] });
};

/** Returns values of every form that a validator accepts. */
export const arbitraryOf = (validator: z.ZodType): fc.Arbitrary<unknown> =>
  fromJsonSchema(z.toJSONSchema(validator));
