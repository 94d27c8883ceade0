import { RookeryError } from '@rookery/graphql-server';
import { z } from 'zod';
import type { OperationRequest } from '../pipeline/operation.ts';
import type { AutomaticQueries } from './automatic.ts';
import { sha256, type TrustedDocuments } from './trusted.ts';

export interface PersistedQueriesOptions {
  readonly automatic: AutomaticQueries;
  /** Undefined: any operation may be sent. */
  readonly trusted: TrustedDocuments | undefined;
}

const persistedQuery = z.object({ version: z.literal(1), sha256Hash: z.string().min(1).max(256) });

const badRequest = (message: string) => new RookeryError('BAD_REQUEST', message, { http: { status: 400 } });
const notFound = () =>
  new RookeryError('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound', { http: { status: 200 } });
const notTrusted = () =>
  new RookeryError('FORBIDDEN', 'This operation is not among the trusted documents.', {
    http: { status: 403 },
  });

/** Resolves the text of an operation, and decides whether it may be sent. */
export class PersistedQueries {
  readonly #automatic: AutomaticQueries;
  readonly #trusted: TrustedDocuments | undefined;

  constructor({ automatic, trusted }: PersistedQueriesOptions) {
    this.#automatic = automatic;
    this.#trusted = trusted;
  }

  /**
   * Returns the text of an operation that was sent as text, as a hash, or as both. Only a hash takes time.
   * @throws RookeryError PERSISTED_QUERY_NOT_FOUND; FORBIDDEN if only trusted documents run; otherwise
   * BAD_REQUEST
   */
  text({ query, extensions, operationName }: OperationRequest): string | Promise<string> {
    const given = extensions?.persistedQuery;
    if (given === undefined || given === null) {
      if (!query) throw badRequest('GraphQL operations must contain a non-empty query or a persistedQuery.');
      return this.#trust(query, operationName);
    }
    const read = persistedQuery.safeParse(given);
    if (!read.success) throw badRequest('The persistedQuery extension is no version 1 with a sha256Hash.');
    const hash = read.data.sha256Hash;
    if (!query) return this.#known(hash, operationName);
    if (sha256(query) !== hash) throw badRequest('provided sha does not match query');
    return this.#trust(query, operationName);
  }

  /** Remembers an operation that came with its hash. Takes one that `text` has returned, and that is valid. */
  async remember({ query, extensions }: OperationRequest): Promise<void> {
    const read = persistedQuery.safeParse(extensions?.persistedQuery);
    if (query && read.success && !this.#closed) await this.#automatic.set(read.data.sha256Hash, query);
  }

  /** Nothing but what the manifest has may run, so nothing is learned from clients. */
  get #closed(): boolean {
    return this.#trusted !== undefined && this.#trusted.mode !== 'log';
  }

  async #known(hash: string, operationName: string | undefined): Promise<string> {
    const trusted = this.#trusted?.text(hash);
    if (trusted !== undefined) return trusted;
    const learned = this.#closed ? undefined : await this.#automatic.get(hash);
    if (learned === undefined) throw notFound();
    this.#trusted?.logUnknown(hash, operationName);
    return learned;
  }

  #trust(text: string, operationName: string | undefined): string {
    const trusted = this.#trusted;
    if (trusted === undefined) return text;
    if (trusted.mode === 'ids') throw notTrusted();
    if (trusted.holds(text)) return text;
    if (trusted.mode === 'refuse') throw notTrusted();
    trusted.logUnknown(sha256(text), operationName);
    return text;
  }
}
