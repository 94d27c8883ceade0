import pg from 'pg';
import { DocumentsUnavailableError, messageOf, StatementTimeoutError } from './errors.ts';

/** SQLSTATE classes that concern the server and not the statement: connection, resources, operator, system. */
const ofTheServer = /^(08|53|57|58)/;
/** query_canceled, by statement_timeout, since statements are not cancelled otherwise; lock_not_available, by lock_timeout. */
const outOfTime: ReadonlySet<string | undefined> = new Set(['57014', '55P03']);

/**
 * Converts an error of Postgres. Refusals of the server are passed on; everything else (no server, no answer
 * in time, a lost connection) is unavailability.
 */
export const asUnavailable = (error: unknown): unknown => {
  if (error instanceof pg.DatabaseError && outOfTime.has(error.code))
    return new StatementTimeoutError(`the document store gave a statement up: ${messageOf(error)}`, {
      cause: error,
    });
  if (error instanceof pg.DatabaseError && error.code !== undefined && !ofTheServer.test(error.code))
    return error;
  return new DocumentsUnavailableError(`the document store does not answer: ${messageOf(error)}`, {
    cause: error,
  });
};
