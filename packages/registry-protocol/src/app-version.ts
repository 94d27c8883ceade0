import { z } from 'zod';
import { storable, textUpTo } from './storable-text.ts';

/** Most documents of one app version. */
const maxDocumentsOfApp = 10_000;

/** A version of a client, as it names itself in its requests. */
const appClient = z.strictObject({ name: textUpTo(100), version: textUpTo(100) });

/**
 * Body of `POST /v1/environments/:environment/app-versions`: the operations that one app version ships with. Two
 * publications are equal if their documents are, normalized.
 */
export const appPublication = z.strictObject({
  client: appClient,
  documents: z
    .array(
      z.strictObject({
        /** Id that the client sends instead of the text; mostly the SHA-256 of it. */
        id: storable(z.string().min(1).max(256)),
        /** Exactly one operation, with its fragments. */
        document: storable(z.string().min(1).max(200_000)),
      }),
    )
    .min(1)
    .max(maxDocumentsOfApp)
    .refine(
      (documents) => new Set(documents.map(({ id }) => id)).size === documents.length,
      'must have each id once',
    ),
  author: textUpTo(200),
  commit: textUpTo(200).optional(),
});

export type AppPublication = z.output<typeof appPublication>;

/** Body of `POST /v1/environments/:environment/app-versions/retire`. */
export const appRetirement = z.strictObject({
  client: appClient,
  author: textUpTo(200),
  reason: textUpTo(2_000),
  /** Retires it although somebody used it a short while ago. */
  force: z.boolean().default(false),
});

export type AppRetirement = z.output<typeof appRetirement>;

/**
 * State of an app version. `published`: gateways trust its documents, and no request of it was reported yet. `live`: some
 * were. `retired`: gateways no longer trust it, and checks disregard it.
 */
const appStates = ['published', 'live', 'retired'] as const;

/** An app version, as the registry answers. */
export const appVersion = z.object({
  /** Greater than that of every app version published before. */
  number: z.int().positive(),
  client: z.object({ name: z.string(), version: z.string() }),
  state: z.enum(appStates),
  /** Number of its documents. */
  documents: z.int().positive(),
  author: z.string(),
  commit: z.string().nullable(),
  publishedAt: z.string(),
  /** Time of the last report that has it; null if there is none. */
  lastSeen: z.string().nullable(),
  retiredAt: z.string().nullable(),
  retiredBy: z.string().nullable(),
  retiredReason: z.string().nullable(),
});

export type AppVersion = z.output<typeof appVersion>;

/**
 * Answer of `GET /v1/environments/:environment/trusted-documents`: the documents of all app versions that are not retired,
 * for checks.
 */
export const trustedDocuments = z.object({
  documents: z.array(
    z.object({
      id: z.string(),
      document: z.string(),
      client: z.object({ name: z.string(), version: z.string() }),
    }),
  ),
});

export type TrustedDocuments = z.output<typeof trustedDocuments>;
