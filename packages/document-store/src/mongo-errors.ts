import { MongoBulkWriteError, MongoError, MongoServerError } from 'mongodb';
import { DocumentsUnavailableError, StatementTimeoutError } from './errors.ts';

const duplicateKey = 11_000;
/** MaxTimeMSExpired: the server cancelled the statement. */
const maxTimeExpired = 50;

/** Codes of a server that is stopping or changing its role; see error_codes.yml of the MongoDB server. */
const ofTheServer = new Set([
  6, 7, 64, 89, 91, 112, 189, 262, 317, 358, 9001, 10_058, 10_107, 11_600, 11_602, 13_435, 13_436,
]);

/**
 * Converts an error of MongoDB. Refusals of the server are passed on; everything else (no server, no answer
 * in time, a lost connection) is unavailability.
 */
const asUnavailable = (error: unknown): unknown => {
  if (error instanceof MongoServerError && Number(error.code) === maxTimeExpired)
    return new StatementTimeoutError(`the document store gave a statement up: ${error.message}`, {
      cause: error,
    });
  const refused = error instanceof MongoServerError && !ofTheServer.has(Number(error.code));
  return error instanceof MongoError && !refused ? unavailable(error) : error;
};

const unavailable = (cause: Error) =>
  new DocumentsUnavailableError(`the document store does not answer: ${cause.message}`, { cause });

/** Runs an action and converts its error. */
export const guarded = async <R>(action: () => Promise<R>): Promise<R> => {
  try {
    return await action();
  } catch (error) {
    throw asUnavailable(error);
  }
};

/**
 * Returns the writes of a bulk that lost.
 * @throws if it failed for another reason
 */
export const lostBy = (error: unknown, writes: readonly { readonly id: string }[]): string[] => {
  if (!(error instanceof MongoBulkWriteError)) throw error;
  const errors = [error.writeErrors].flat();
  // The other writes must be durable: without an acknowledgement of the majority their state is unknown.
  if (errors.length === 0 || error.result.getWriteConcernError() !== undefined) throw unavailable(error);
  if (errors.some(({ code }) => code !== duplicateKey)) throw error;
  return errors.flatMap(({ index }) => writes[index]?.id ?? []);
};
