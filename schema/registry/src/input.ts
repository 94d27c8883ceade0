import { storable, textUpTo } from '@rookery/registry-protocol';
import { checkRules, contractRules, lintRules, recommendedRules } from '@rookery/schema/check-rules';
import { z } from 'zod';

const maxSdlLength = 8 * 1024 * 1024;
const maxSubgraphs = 500;

const author = textUpTo(200);
const reason = textUpTo(2_000);
export const versionNumber = z.coerce.number().int().min(1).max(2_147_483_647);

const subgraphName = z
  .string()
  .regex(/^[a-zA-Z][\w-]{0,63}$/, 'must begin with a letter, then letters, digits, hyphens and underscores');

const address = z
  .string()
  .max(2_048)
  .refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''), 'must be an http(s) address');

/** A pull request: its repository and number. */
const pullRequest = textUpTo(300).regex(
  /^\S+#\d+$/,
  'must be a repository and the number of a pull request, such as acme/reviews#12',
);

/** A subgraph as a team publishes it. */
const publishedSubgraph = z.strictObject({
  name: subgraphName,
  sdl: storable(z.string().min(1).max(maxSdlLength)),
  address,
});

export const publication = z
  .strictObject({
    /** They become one version, so that a change of several subgraphs needs no order. */
    subgraphs: z.array(publishedSubgraph).max(maxSubgraphs).default([]),
    remove: z.array(subgraphName).max(maxSubgraphs).default([]),
    author,
    commit: textUpTo(200).optional(),
    message: textUpTo(2_000).optional(),
  })
  .refine(({ subgraphs, remove }) => subgraphs.length + remove.length > 0, {
    message: 'must publish or remove at least one subgraph',
    path: ['subgraphs'],
  })
  .refine(
    ({ subgraphs, remove }) =>
      new Set([...subgraphs.map(({ name }) => name), ...remove]).size === subgraphs.length + remove.length,
    { message: 'must name each subgraph once', path: ['subgraphs'] },
  );

export type Publication = z.output<typeof publication>;

/** Body of a check: what a publication would be, and the rules of the caller's project. */
export const checkRequest = z.strictObject({
  subgraphs: z
    .array(
      z.strictObject({
        name: subgraphName,
        sdl: storable(z.string().max(maxSdlLength)),
        /** Path of its file, for the positions in the report. */
        file: textUpTo(500).optional(),
      }),
    )
    .max(maxSubgraphs)
    .refine(
      (subgraphs) => new Set(subgraphs.map(({ name }) => name)).size === subgraphs.length,
      'must name each subgraph once',
    )
    .default([]),
  remove: z.array(subgraphName).max(maxSubgraphs).default([]),
  author: author.optional(),
  commit: textUpTo(200).optional(),
  message: textUpTo(2_000).optional(),
  /** Whose approvals hold, too. */
  pullRequest: pullRequest.optional(),
  rules: checkRules.prefault({}),
  contracts: z.array(contractRules).max(100).default([]),
  lint: lintRules.default(recommendedRules),
});

export type CheckRequest = z.output<typeof checkRequest>;

export const promotion = z.strictObject({ version: versionNumber, author, reason: reason.optional() });
export const rollback = z.strictObject({ version: versionNumber.optional(), author, reason });

export const approval = z.strictObject({
  /** The content of the change: wherever it turns up, or in the pull request that is named, it is approved. */
  change: z.strictObject({
    kind: textUpTo(100),
    coordinate: textUpTo(500),
    message: textUpTo(5_000),
  }),
  pullRequest: pullRequest.optional(),
  author,
  reason,
});
export type Approval = z.output<typeof approval>;

export const page = z.object({
  before: versionNumber.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
/** Page of checks: those of one pull request, or all. */
export const checkPage = page.extend({ pullRequest: pullRequest.optional() });
const windowFields = { from: z.iso.datetime().optional(), to: z.iso.datetime().optional() };

/** Fills in the last 30 days. */
const withDefaults = <T extends { from?: string | undefined; to?: string | undefined }>({
  from,
  to,
  ...more
}: T) => {
  const until = to ?? new Date().toISOString();
  return {
    ...more,
    from: from ?? new Date(Date.parse(until) - 30 * 86_400_000).toISOString(),
    to: until,
  };
};

const mostRows = z.coerce.number().int().min(1).max(1_000).default(200);
/** The first rows of a list. */
export const mostOf = z.object({ limit: mostRows });
/** Window of usage; default: the last 30 days. */
export const usageWindow = z.object(windowFields).transform(withDefaults);
/** The same, for the page that follows `after`. */
export const usagePageOf = z
  .object({ ...windowFields, after: z.string().max(2_000).optional() })
  .transform(withDefaults);
/** The same, for the busiest operations. */
export const busiestWindow = z.object({ ...windowFields, limit: mostRows }).transform(withDefaults);
export const versionPair = z.object({ from: versionNumber, to: versionNumber });
