import { type ASTNode, GraphQLError, type GraphQLSchema, Kind, validate } from 'graphql';
import type { Change } from '../../model/change.ts';
import {
  type AppVersionVerdict,
  type Effect,
  effects,
  type OpenSubscriptionVerdict,
  type OperationVerdict,
  type VerdictCause,
} from '../../model/operation-verdict.ts';
import { documentUses } from './document-uses.ts';
import type { LiveOperation } from './live-operations.ts';
import { type Touch, touch } from './touch.ts';

/** A cause with the changes behind it. */
export interface JudgedCause {
  readonly changes: readonly Change[];
  readonly message: string;
  readonly node: ASTNode | undefined;
  /** True if the operation fails because of it. */
  readonly breaks: boolean;
}

/** An operation with what all changes mean for it. */
export interface JudgedOperation {
  readonly live: LiveOperation;
  readonly effect: Effect;
  readonly causes: readonly JudgedCause[];
  /** Changes that touch the operation, whatever they mean for it. */
  readonly touchedBy: readonly Change[];
  /** Why it was not compared. */
  readonly skipped?: string;
}

interface TouchingChange extends Touch {
  readonly change: Change;
}

const contains = (outer: ASTNode, inner: ASTNode): boolean =>
  outer.loc !== undefined &&
  inner.loc !== undefined &&
  outer.loc.start <= inner.loc.start &&
  outer.loc.end >= inner.loc.end;

/** True if both are the same place: a selected field is not the place of its own selections. */
const isSamePlace = (used: ASTNode, failed: ASTNode): boolean =>
  used === failed ||
  (used.kind !== Kind.FIELD && used.kind !== Kind.OPERATION_DEFINITION && contains(used, failed)) ||
  (failed.kind !== Kind.FIELD && contains(failed, used));

/** Returns the changes that explain an error of validation: those at its place, or else those around it. */
const explaining = ({ nodes = [] }: GraphQLError, touching: readonly TouchingChange[]): Change[] => {
  const harmful = touching.filter(({ change }) => change.criticality !== 'safe');
  const matches = (all: readonly TouchingChange[], fits: (used: ASTNode, failed: ASTNode) => boolean) =>
    all
      .filter((one) => one.nodes.some((used) => nodes.some((failed) => fits(used, failed))))
      .map(({ change }) => change);
  for (const [all, fits] of [
    [harmful, isSamePlace],
    [touching, isSamePlace],
    [harmful, contains],
  ] as const) {
    const found = matches(all, fits);
    if (found.length > 0) return found;
  }
  return [];
};

const failuresOf = (errors: readonly GraphQLError[], touching: readonly TouchingChange[]): JudgedCause[] =>
  errors.map((error) => ({
    changes: explaining(error, touching),
    message: error.message.replace(/ Did you mean .*$/, ''),
    node: error.nodes?.[0],
    breaks: true,
  }));

const causesOf = (touching: readonly TouchingChange[]): JudgedCause[] =>
  touching
    .filter(({ change }) => change.criticality !== 'safe')
    .map(({ change, nodes, breaks }) => ({
      changes: [change],
      message: change.message,
      node: nodes[0],
      breaks: breaks && change.criticality === 'breaking',
    }));

/** Validates an operation. graphql-js leaves it to execution whether the schema has a root type at all. */
const errorsOf = (schema: GraphQLSchema, { document, operation }: LiveOperation): readonly GraphQLError[] =>
  schema.getRootType(operation.operation)
    ? validate(schema, document)
    : [new GraphQLError(`The schema has no type for a ${operation.operation}.`, { nodes: [operation] })];

/** Judges operations against the schema before and after some changes. */
export const createJudge = (
  before: GraphQLSchema,
  after: GraphQLSchema,
  changes: readonly Change[],
): ((live: LiveOperation) => JudgedOperation) => {
  const relevant = changes.filter(({ routing }) => !routing);
  return (live) => {
    const [invalid] = errorsOf(before, live);
    if (invalid !== undefined)
      return {
        ...{ live, effect: 'unaffected', causes: [], touchedBy: [] },
        skipped: `does not validate against the base: ${invalid.message}`,
      };
    const uses = documentUses(before, live);
    const touching = relevant
      .map((change) => ({ change, ...touch(change, { uses, before, after, inputs: live.inputs }) }))
      .filter(({ nodes }) => nodes.length > 0);
    const failures = failuresOf(errorsOf(after, live), touching);
    const explained = new Set(failures.flatMap((failure) => failure.changes));
    const others = causesOf(touching.filter(({ change }) => !explained.has(change)));
    const causes = [...failures, ...others];
    const isBroken = causes.some(({ breaks }) => breaks);
    return {
      live,
      effect: isBroken ? 'broken' : causes.length > 0 ? 'possibly-affected' : 'unaffected',
      causes: causes.toSorted((a, b) => Number(b.breaks) - Number(a.breaks)),
      touchedBy: touching.map(({ change }) => change),
    };
  };
};

const presentCause = ({ changes, message, node }: JudgedCause): VerdictCause => {
  const named = node !== undefined && 'name' in node && typeof node.name === 'object' ? node.name : undefined;
  const { line = 1, column = 1 } = (named?.loc ?? node?.loc)?.startToken ?? {};
  return { coordinates: [...new Set(changes.map(({ coordinate }) => coordinate))], message, line, column };
};

/** Returns the verdict as reports show it. */
export const presentVerdict = (
  { live, effect, causes, skipped }: JudgedOperation,
  refused: boolean,
): OperationVerdict => ({
  id: live.id,
  name: live.name,
  kind: live.operation.operation,
  effect,
  document: live.text,
  causes: causes.map(presentCause),
  clients: live.clients,
  count: live.count,
  lastSeen: live.lastSeen,
  openSubscriptions: live.openSubscriptions,
  trusted: live.trusted,
  refused,
  ...(skipped === undefined ? {} : { skipped }),
});

/** Returns the effect on each version of each client: the worst of its operations. */
export const appVersionVerdicts = (judged: readonly JudgedOperation[]): AppVersionVerdict[] => {
  const uses = judged.flatMap((one) => one.live.clients.map((client) => ({ client, one })));
  const versions = [...Map.groupBy(uses, ({ client }) => `${client.name}\0${client.version ?? ''}`).values()];
  return versions
    .map((group) => {
      const affected = group.filter(({ one }) => one.effect !== 'unaffected');
      const seen = group.map(({ client }) => client.lastSeen ?? '').toSorted();
      return {
        name: group[0]?.client.name ?? '',
        version: group[0]?.client.version ?? null,
        effect: effects.find((effect) => group.some(({ one }) => one.effect === effect)) ?? 'unaffected',
        count: group.reduce((sum, { client }) => sum + client.count, 0),
        lastSeen: seen.at(-1) || null,
        operations: affected.map(({ one }) => one.live.id),
      };
    })
    .sort(
      (a, b) =>
        effects.indexOf(a.effect) - effects.indexOf(b.effect) ||
        b.count - a.count ||
        (a.name < b.name ? -1 : 1),
    );
};

/** Returns the open subscriptions that changes affect, the broken ones first. */
export const openSubscriptionVerdicts = (judged: readonly JudgedOperation[]): OpenSubscriptionVerdict[] =>
  judged
    .filter(({ effect }) => effect !== 'unaffected')
    .flatMap(({ live: { id, name, clients }, effect }) =>
      clients
        .filter(({ openSubscriptions }) => openSubscriptions > 0)
        .map(({ name: client, version, openSubscriptions: open }) => ({
          ...{ id, name, client: { name: client, version }, open, effect },
        })),
    )
    .sort((a, b) => effects.indexOf(a.effect) - effects.indexOf(b.effect) || b.open - a.open);
