import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'graphql';
import { z } from 'zod';
import { startBareGateway } from './bare-gateway.ts';
import { type CannedAnswer, startCannedSubgraph } from './canned-subgraph.ts';

/** Bytes in base64, text, or JSON; `status` and `headers` as the subgraph sends them. */
const cannedAnswer = z.union([
  z.string(),
  z.strictObject({
    status: z.number().optional(),
    headers: z.record(z.string(), z.string()).default({}),
    base64: z.string(),
  }),
  z.strictObject({
    status: z.number().optional(),
    headers: z.record(z.string(), z.string()).default({}),
    body: z.string(),
  }),
  z.looseObject({ data: z.unknown() }),
]);

type CannedAnswerInFile = z.output<typeof cannedAnswer>;

const caseFile = z.object({
  situation: z.string(),
  subgraphs: z.record(z.string(), z.string()),
  /** A list holds the answers to successive requests; its last is repeated. */
  subgraphAnswers: z.record(z.string(), z.union([cannedAnswer, z.array(cannedAnswer).min(1)])),
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).default({}),
  requestHeaders: z.record(z.string(), z.string()).default({}),
  /** The answer as JSON, the answer as text to be met digit by digit, or a description in words. */
  expected: z.union([z.string(), z.record(z.string(), z.unknown())]),
});

export type CaseFile = z.output<typeof caseFile> & { readonly file: string };

/** Reads all case files of a folder, in the order of their names. */
export const readCases = (folder: string): CaseFile[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => ({ file, ...caseFile.parse(JSON.parse(readFileSync(join(folder, file), 'utf8'))) }));

/** Says whether a case is one query with one JSON answer, and not a sequence described in words. */
export const isMechanical = ({ query, expected }: CaseFile): boolean => {
  try {
    parse(query);
    if (typeof expected === 'string') JSON.parse(expected);
    return true;
  } catch {
    return false;
  }
};

const toAnswer = (given: CannedAnswerInFile): CannedAnswer => {
  if (typeof given === 'string') return { body: given };
  if ('base64' in given)
    return { ...given, body: Buffer.from(String(given.base64), 'base64') } as CannedAnswer;
  if ('body' in given) return given as CannedAnswer;
  return { body: JSON.stringify(given) };
};

/** Runs a case and returns the text of the gateway's answer. */
export const runCase = async (given: CaseFile): Promise<string> => {
  await using resources = new AsyncDisposableStack();
  const urls: Record<string, string> = {};
  for (const name of Object.keys(given.subgraphs)) {
    const canned = [given.subgraphAnswers[name] ?? '{"data":null,"errors":[{"message":"no answer"}]}'].flat();
    const answers = canned.map(toAnswer);
    const subgraph = await startCannedSubgraph(
      (nth) => answers[Math.min(nth, answers.length - 1)] as CannedAnswer,
    );
    urls[name] = resources.use(subgraph).url;
  }
  const { url } = await startBareGateway({ sdls: given.subgraphs, urls }, resources);
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...given.requestHeaders },
    body: JSON.stringify({ query: given.query, variables: given.variables }),
  });
  return response.text();
};
