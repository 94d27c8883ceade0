import { maxAnswerBytes } from '@rookery/graphql-server';
import type { Config } from '@rookery/runtime';
import { defaultRecovery, type Recovery } from '../subscriptions/follow.ts';

/** Limits of one operation, the same on every transport. */
export interface OperationLimits {
  /** Fields within fields. */
  readonly depth: number;
  /** Renamed fields in an operation, with its fragments. */
  readonly aliases: number;
  /** Fields at the top of an operation. */
  readonly rootFields: number;
  /** Directives in an operation, with its fragments. */
  readonly directives: number;
  /** Directives in one place. */
  readonly directivesInPlace: number;
  /** Lexical tokens of the document; counted before it is parsed. */
  readonly tokens: number;
  /** Number of fields after all fragments are expanded. */
  readonly fields: number;
  /** Fields that are selected again beside themselves: validation compares each with each. */
  readonly repeats: number;
  /** Lists and objects within each other, in one variable or literal. */
  readonly valueDepth: number;
  /** Lists within each other in one literal, of which each doubles the time that planning takes. */
  readonly literalListDepth: number;
  /** By @cost and @listSize: see cost.ts. */
  readonly cost: number;
  /** Size of a list of which nothing says how long it is. */
  readonly listSize: number;
  /** The largest page that a subgraph gives, whatever is asked for. */
  readonly pageSize: number;
  /** Operations in one HTTP request; 0 allows no array at all. */
  readonly batch: number;
}

const operationLimits: OperationLimits = {
  depth: 10,
  aliases: 15,
  rootFields: 10,
  directives: 20,
  directivesInPlace: 3,
  tokens: 2_000,
  fields: 2_000,
  repeats: 100,
  valueDepth: 50,
  literalListDepth: 6,
  cost: 1_000,
  listSize: 10,
  pageSize: 100,
  batch: 0,
};

/** Every limit that the gateway keeps, the same over HTTP, WebSocket and event streams. */
export interface GatewayLimits extends OperationLimits {
  /** Longest request body and longest WebSocket message, in bytes. */
  readonly bodyBytes: number;
  /** Longest answer of a subgraph, in bytes. */
  readonly subgraphBytes: number;
  /** Maximum time from a request to the end of its last fetch. Fields that are missing then are null. */
  readonly requestTimeoutMs: number;
  /** Operations under way at once on one socket. */
  readonly operationsPerSocket: number;
  /** Events that wait for a client which reads slowly; one more closes its socket. */
  readonly bufferedEvents: number;
  /** Recovery of a lost upstream subscription. */
  readonly recovery: Recovery;
  /** Maximum wait for connection_init. */
  readonly initTimeoutMs: number;
  /** Time over which sockets are closed when the gateway stops. */
  readonly drainSpreadMs: number;
  /** Longest wait for clients to leave their unused connections when the gateway stops. */
  readonly lingerMs: number;
}

export const defaultLimits: GatewayLimits = {
  ...operationLimits,
  bodyBytes: 262_144,
  subgraphBytes: maxAnswerBytes,
  requestTimeoutMs: 15_000,
  operationsPerSocket: 50,
  bufferedEvents: 128,
  recovery: defaultRecovery,
  initTimeoutMs: 3_000,
  drainSpreadMs: 1_000,
  lingerMs: 1_000,
};

/** The settings by which operators change them. */
export const limitSettings = [
  'MAX_BODY_BYTES',
  'MAX_TOKENS',
  'MAX_DEPTH',
  'MAX_ALIASES',
  'MAX_ROOT_FIELDS',
  'MAX_DIRECTIVES',
  'MAX_COST',
  'MAX_BATCH',
] as const;

export const limitsFrom = (config: Config<(typeof limitSettings)[number]>): GatewayLimits => ({
  ...defaultLimits,
  bodyBytes: config.MAX_BODY_BYTES,
  tokens: config.MAX_TOKENS,
  // No document without fragments has more fields than tokens.
  fields: Math.max(config.MAX_TOKENS, defaultLimits.fields),
  depth: config.MAX_DEPTH,
  aliases: config.MAX_ALIASES,
  rootFields: config.MAX_ROOT_FIELDS,
  directives: config.MAX_DIRECTIVES,
  cost: config.MAX_COST,
  batch: config.MAX_BATCH,
});
