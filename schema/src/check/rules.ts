import { z } from 'zod';

const clientPattern = z.strictObject({
  name: z.string().min(1),
  /** Absent for every version. */
  version: z.string().optional(),
});

/** A client whose traffic does not count, such as a test. */
export type ClientPattern = z.infer<typeof clientPattern>;

/** Rules of a check. */
export const checkRules = z.strictObject({
  usage: z
    .strictObject({
      /** Days of traffic that count. */
      windowDays: z.number().positive().default(30),
      /** Requests in the window from which on an operation counts. A trusted document and an open subscription always do. */
      minimumCount: z.int().min(1).default(1),
      /** Share of all requests, in percent, from which on an operation counts. */
      minimumPercent: z.number().min(0).max(100).default(0),
      excludedClients: z.array(clientPattern).default([]),
      /** Treatment of a breaking change if no operation at all is known: as if it were used, or as if nobody used it. */
      withoutData: z.enum(['fail', 'pass']).default('fail'),
      /** True if the trusted documents are all that the gateway lets through, so that they count as data. */
      trustedDocumentsOnly: z.boolean().default(false),
    })
    .prefault({}),
  /** Kinds of changes that count as breaking although they are not, such as `ENUM_VALUE_ADDED`. */
  refuse: z.array(z.string().regex(/^[A-Z_]+$/)).default([]),
});

export type CheckRules = z.output<typeof checkRules>;

/** Part of the API that some clients get: what its tags select. */
export const contractRules = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]*$/),
  /** Tags of which a field or its type must have one; without any, everything is included. */
  include: z.array(z.string().min(1)).default([]),
  /** Tags of elements that are hidden. */
  exclude: z.array(z.string().min(1)).default([]),
  /** Hides types to which no shown field leads. */
  hideUnreachable: z.boolean().default(true),
});

export type ContractRules = z.output<typeof contractRules>;

export { lintRules, recommendedRules } from '../lint/rules.ts';
