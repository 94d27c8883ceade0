import { InputError } from '@rookery/command-line';
import type { SdlPosition } from '../model/change.ts';
import type { CompositionProblem } from '../model/check-report.ts';

/** The SDL of a subgraph is not GraphQL. The message has a line for each such file, which starts with its place. */
export class SdlSyntaxError extends InputError {
  override name = 'SdlSyntaxError';
  readonly problems: readonly CompositionProblem[];

  constructor(problems: readonly CompositionProblem[]) {
    super(
      problems
        .map(({ message, positions: [first] }) => `${first ? `${placeOf(first)} ` : ''}${message}`)
        .join('\n'),
    );
    this.problems = problems;
  }
}

/** The subgraphs do not fit together; the message has a line for each problem, each further place of it and its hint. */
export class CompositionError extends Error {
  override name = 'CompositionError';
  readonly problems: readonly CompositionProblem[];

  constructor(problems: readonly CompositionProblem[]) {
    super(problems.map(problemText).join('\n') || 'composition failed');
    this.problems = problems;
  }
}

const placeOf = ({ subgraph, file, line, column }: SdlPosition): string =>
  `${file}:${line}:${column} [${subgraph}]`;

/** Returns a problem as lines of text. */
export const problemText = ({
  code,
  message,
  hint,
  positions: [first, ...more],
}: CompositionProblem): string =>
  [
    `${first ? `${placeOf(first)} ` : ''}${code}: ${message}`,
    ...more.map((position) => `  see ${placeOf(position)}`),
    ...(hint === undefined ? [] : [`  hint: ${hint}`]),
  ].join('\n');
