import { InputError } from '@rookery/command-line';
import { z } from 'zod';
import { readFrom } from '../../compose/subgraph-files.ts';
import { type TrustedDocument, type UsageSource, usageReport } from '../../model/usage.ts';
import { parseJson } from '../json-input.ts';

/** Reads recorded traffic from a JSON file. @param path relative to `root` */
export const createUsageFile = (root: string, path: string): UsageSource => ({
  name: path,
  async read({ from, to }) {
    const report = parseJson(readFrom(root, path), path, usageReport);
    const isWithin = (time: string) => new Date(time) >= from && new Date(time) <= to;
    return { ...report, operations: report.operations.filter(({ lastSeen }) => isWithin(lastSeen)) };
  },
});

const apolloManifest = z.object({
  format: z.literal('apollo-persisted-query-manifest'),
  version: z.literal(1),
  operations: z.array(z.object({ id: z.string().min(1), body: z.string().min(1) })),
});

/** Relay's format: the text of each operation by its id. */
const relayManifest = z.record(z.string(), z.string().min(1));

/** Reads a manifest of trusted documents in Apollo's or Relay's format. @throws InputError */
export const readManifest = (
  root: string,
  path: string,
  client: TrustedDocument['client'],
): TrustedDocument[] => {
  const json = parseJson(readFrom(root, path), path, z.unknown());
  const apollo = apolloManifest.safeParse(json);
  if (apollo.success) return apollo.data.operations.map(({ id, body }) => ({ id, document: body, client }));
  const relay = relayManifest.safeParse(json);
  if (!relay.success)
    throw new InputError(`${path} is neither Apollo's manifest of persisted queries nor Relay's`);
  return Object.entries(relay.data).map(([id, document]) => ({ id, document, client }));
};
