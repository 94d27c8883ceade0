import type { ClientUsage, OperationVerdict, VerdictCause } from '../../model/operation-verdict.ts';

export interface ExcerptLine {
  /** Line of the document; undefined for a marker. */
  readonly number: number | undefined;
  readonly text: string;
  readonly isMarker: boolean;
}

/** Lines shown around a mark, if a document is long. */
const context = 2;
const wholeUpTo = 30;

/** Returns the document of an operation with a marker under each offending place; a long one only around these. */
export const excerptOf = ({
  document,
  causes,
}: Pick<OperationVerdict, 'document' | 'causes'>): ExcerptLine[] => {
  const lines = document.split('\n');
  const marked = Map.groupBy(causes, ({ line }) => line);
  const isNear = (number: number) =>
    lines.length <= wholeUpTo || [...marked.keys()].some((line) => Math.abs(line - number) <= context);
  const shown: ExcerptLine[] = [];
  let isCut = false;
  for (const [i, text] of lines.entries()) {
    const number = i + 1;
    if (!isNear(number)) {
      if (!isCut) shown.push({ number: undefined, text: '…', isMarker: false });
      isCut = true;
      continue;
    }
    isCut = false;
    shown.push({ number, text, isMarker: false });
    for (const cause of marked.get(number) ?? []) shown.push(markerOf(cause, text));
  }
  return shown;
};

const markerOf = ({ column, message }: VerdictCause, line: string): ExcerptLine => {
  const [word = ' '] = /^[@$\w]+/.exec(line.slice(column - 1)) ?? [];
  return {
    number: undefined,
    text: `${' '.repeat(column - 1)}${'^'.repeat(Math.max(1, word.length))} ${message}`,
    isMarker: true,
  };
};

/** Returns the name of a client with its version. */
export const clientText = ({ name, version }: Pick<ClientUsage, 'name' | 'version'>): string =>
  `${name}${version === null ? '' : ` ${version}`}`;

const trafficText = ({ count, lastSeen, openSubscriptions }: ClientUsage): string => {
  const open = openSubscriptions > 0 ? [`${openSubscriptions} open`] : [];
  if (lastSeen === null) return 'trusted document';
  return [
    ...(count > 0 || open.length === 0 ? [`${count}×, last ${lastSeen.slice(0, 10)}`] : []),
    ...open,
  ].join(', ');
};

/** Names the clients of an operation with their traffic, the busiest first. */
export const clientsText = ({ clients }: Pick<OperationVerdict, 'clients'>, most = 5): string => {
  const named = clients.slice(0, most).map((client) => `${clientText(client)} (${trafficText(client)})`);
  return [...named, ...(clients.length > most ? [`${clients.length - most} more`] : [])].join(', ');
};
