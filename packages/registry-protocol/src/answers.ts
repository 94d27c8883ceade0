import { z } from 'zod';

/** Answers of the registry, as its clients read them. An answer may have more fields than a client knows. */

const position = z.object({ subgraph: z.string(), line: z.int(), column: z.int() });

/** Answer to a publication, and an entry of the history. */
const versionAnswer = z.object({
  version: z.int().positive(),
  /** Version that it was published on; null for the first. */
  base: z.int().positive().nullable(),
  hash: z.string(),
  /** Names of the subgraphs that differ from those of the base. */
  changed: z.array(z.string()),
  /** False: it is recorded with its problems, and never delivered. */
  composes: z.boolean(),
  problems: z.array(
    z.object({
      code: z.string(),
      message: z.string(),
      hint: z.string().optional(),
      positions: z.array(position),
    }),
  ),
  author: z.string(),
  commit: z.string().nullable(),
  message: z.string().nullable(),
  publishedAt: z.string(),
});

export type VersionAnswer = z.infer<typeof versionAnswer>;

export const publicationAnswer = versionAnswer.extend({ created: z.boolean() });
export const historyAnswer = z.object({ versions: z.array(versionAnswer) });

const launchAnswerShape = {
  environment: z.string(),
  launch: z.int().positive(),
  version: z.int().positive(),
  action: z.enum(['promote', 'rollback']),
  author: z.string(),
  reason: z.string().nullable(),
  createdAt: z.string(),
};

/** Answer to a promotion or a rollback. */
export const launchedAnswer = z.object({ ...launchAnswerShape, created: z.boolean() });

export const launchesAnswer = z.object({
  launches: z.array(
    z.object({
      ...launchAnswerShape,
      answers: z.array(
        z.object({
          gateway: z.string(),
          outcome: z.enum(['served', 'refused']),
          reason: z.string().nullable(),
        }),
      ),
      /** Gateways that run and have not answered. */
      missing: z.array(z.string()),
      /** Absent for a launch that another one has replaced. */
      done: z.boolean().optional(),
    }),
  ),
});

export type LaunchState = z.infer<typeof launchesAnswer>['launches'][number];

const approval = z.object({
  kind: z.string(),
  coordinate: z.string(),
  message: z.string(),
  reason: z.string(),
  author: z.string(),
  approvedAt: z.string(),
  /** Pull request in which alone it holds; null: it holds wherever the change turns up. */
  pullRequest: z.string().nullable(),
});

export const approvalAnswer = approval.extend({ created: z.boolean() });
/** All approvals, the oldest first. */
export const approvalsAnswer = z.object({ approvals: z.array(approval) });

/** A difference for clients between two versions. */
export const differencesAnswer = z.object({
  changes: z.array(
    z.object({
      kind: z.string(),
      criticality: z.enum(['safe', 'dangerous', 'breaking']),
      security: z.boolean(),
      access: z.enum(['widened', 'narrowed']).optional(),
      coordinate: z.string(),
      message: z.string(),
    }),
  ),
});

/** Use of the elements of the schema that is delivered. */
export const coordinatesAnswer = z.object({
  used: z.array(
    z.object({
      coordinate: z.string(),
      count: z.number(),
      clients: z.array(z.string()),
      lastSeen: z.string().nullable(),
    }),
  ),
  unused: z.array(z.string()),
});

/** Body of every answer that is an error. */
export const errorAnswer = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
