import { createHash, type KeyObject } from 'node:crypto';
import { CompactSign, compactVerify, createLocalJWKSet, type JSONWebKeySet } from 'jose';
import { z } from 'zod';
import { environmentName } from './launch-subject.ts';

const launchStatement = z.object({
  environment: environmentName,
  launch: z.int().positive(),
  version: z.int().positive(),
  /** True if the version is older than the one served before, on purpose. */
  rollback: z.boolean(),
  /** Orders launches of one environment, even across a restored database; in milliseconds since 1970. */
  issuedAt: z.int().positive(),
  /** SHA-256 of the SDL, in hex. */
  sha256: z.string().regex(/^[\da-f]{64}$/),
});

/** Statement of the registry about a supergraph, which it signs. */
export type LaunchStatement = z.infer<typeof launchStatement>;

/** The supergraph is not one that the registry signed for this environment, or it is an old one. */
export class SignatureError extends Error {
  override name = 'SignatureError';
}

/** Key that signs, and its id. */
export interface SigningKey {
  readonly key: KeyObject;
  readonly kid: string;
}

const prefix = '# rookery-launch: ';
/** Media type of the statement, which tells it from every other token that the same key might sign. */
const typ = 'rookery-launch+jws';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * Returns the SDL with the signed statement as a comment in its first line. It is still an SDL that any gateway can read,
 * and the signature survives caches, mirrors and files.
 */
export const signSupergraph = async (
  sdl: string,
  statement: Omit<LaunchStatement, 'sha256'>,
  { key, kid }: SigningKey,
): Promise<string> => {
  const payload = JSON.stringify({ ...statement, sha256: sha256(sdl) } satisfies LaunchStatement);
  const signed = await new CompactSign(new TextEncoder().encode(payload))
    .setProtectedHeader({ alg: 'EdDSA', kid, typ })
    .sign(key);
  return `${prefix}${signed}\n${sdl}`;
};

interface VerifiedSupergraph {
  readonly sdl: string;
  readonly statement: LaunchStatement;
}

const verifyStatement = async (jws: string, keys: JSONWebKeySet): Promise<LaunchStatement> => {
  try {
    const { payload, protectedHeader } = await compactVerify(jws, createLocalJWKSet(keys), {
      algorithms: ['EdDSA'],
    });
    if (protectedHeader.typ !== typ) throw new Error('wrong type');
    return launchStatement.parse(JSON.parse(new TextDecoder().decode(payload)));
  } catch {
    throw new SignatureError('the signature of the supergraph is invalid');
  }
};

/**
 * Verifies a supergraph that `signSupergraph` has made.
 * @throws SignatureError
 */
export const verifySupergraph = async (
  text: string,
  keys: JSONWebKeySet,
  environment: string,
): Promise<VerifiedSupergraph> => {
  const end = text.indexOf('\n');
  if (!text.startsWith(prefix) || end < 0) throw new SignatureError('the supergraph is not signed');
  const statement = await verifyStatement(text.slice(prefix.length, end), keys);
  const sdl = text.slice(end + 1);
  if (sha256(sdl) !== statement.sha256)
    throw new SignatureError('the supergraph differs from the one that was signed');
  if (statement.environment !== environment)
    throw new SignatureError(
      `the supergraph is for the environment ${statement.environment}, not ${environment}`,
    );
  return { sdl, statement };
};

/**
 * Throws if a supergraph must not follow the one that is served: it was launched earlier, or its version is older and the
 * registry does not say that this is a rollback.
 * @throws SignatureError
 */
export const checkOrder = (next: LaunchStatement, served: LaunchStatement | undefined): void => {
  if (served === undefined) return;
  if (next.issuedAt < served.issuedAt)
    throw new SignatureError(`launch ${next.launch} is older than launch ${served.launch}, which is served`);
  if (next.version < served.version && !next.rollback)
    throw new SignatureError(
      `version ${next.version} is older than version ${served.version}, and is no rollback`,
    );
};
