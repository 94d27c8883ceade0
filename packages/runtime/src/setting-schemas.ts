import { z } from 'zod';

/* Schemas of the environment variables in settings.ts. */

/** An environment variable: its schema, its default, and its description. */
export interface Setting<S extends z.ZodType = z.ZodType> {
  readonly schema: S;
  /** Default text; undefined makes the variable required. */
  readonly fallback: string | undefined;
  readonly about: string;
  /** True if the value itself is a secret, which belongs in no ConfigMap, log or file of settings. */
  readonly isSecret?: true;
}

export const setting = <S extends z.ZodType>(
  schema: S,
  fallback: string | undefined,
  about: string,
): Setting<S> => ({
  schema,
  fallback,
  about,
});

/** Marks a setting whose value is a secret. */
export const secret = <S extends Setting>(given: S): S & { readonly isSecret: true } => ({
  ...given,
  isSecret: true,
});

export const whole = (min: number, max: number) =>
  z.coerce.number(`a whole number from ${min} to ${max}`).int().min(min).max(max);
export const port = whole(0, 65_535);
/** Characters of a secret that signs. */
export const minSecretLength = 32;
export const secrets = z
  .string()
  .refine(
    (text) =>
      /^file:\/\/\/./.test(text) || text.split(',').every((part) => part.trim().length >= minSecretLength),
    `at least ${minSecretLength} characters each, or file:///path`,
  );
export const url = (...schemes: string[]) =>
  z
    .string()
    .refine(
      (text) => URL.canParse(text.split(',')[0] ?? '') && schemes.some((s) => text.startsWith(`${s}://`)),
      `an address that starts with ${schemes.map((s) => `${s}://`).join(' or ')}`,
    );
export const redisSchemes = ['redis', 'rediss', 'redis+cluster', 'rediss+cluster'] as const;
export const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};
export const list = z.string().transform((text) => text.split(',').flatMap((part) => part.trim() || []));
/**
 * With a symmetric algorithm among them a public key could be taken for a secret (RFC 8725, section 3.1). EdDSA is the
 * older name of Ed25519 (RFC 9864).
 */
export const tokenAlgorithms = [
  'EdDSA',
  'Ed25519',
  'ES256',
  'ES384',
  'ES512',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
] as const;
export const optional = <S extends z.ZodType>(schema: S) =>
  z.preprocess((v) => (v === '' ? undefined : v), schema.optional());
