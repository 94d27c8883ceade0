import pg from 'pg';
import { DocumentsUnavailable, messageOf } from './errors.ts';

/** SQLSTATE classes that speak of the server and not of the statement: connection, resources, operator, system. */
const ofTheServer = /^(08|53|57|58)/;

/** What the server refused is passed on; all else (no server, a timeout, a lost connection) is unavailability. */
export const asUnavailable = (error: unknown): unknown => {
  if (error instanceof pg.DatabaseError && error.code !== undefined && !ofTheServer.test(error.code))
    return error;
  return new DocumentsUnavailable(`the document store does not answer: ${messageOf(error)}`, {
    cause: error,
  });
};
