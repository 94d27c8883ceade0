import type { Flow } from '@rookery/message-queue';
import type { Fallback } from './standbys.ts';

/** A server, process or subgraph, and whether it answers. */
interface PartState {
  readonly kind: string;
  readonly name: string;
  readonly ok: boolean;
}

interface StreamState {
  readonly queue: string;
  readonly stream: string;
  readonly state: string;
}

/** Result of the last audit; `unknown` if the event store does not answer, or has no place for it. */
export type LastAudit =
  | { readonly passed: boolean; readonly flaw: string | null; readonly at: Date }
  | 'never'
  | 'unknown';

export interface Found {
  readonly parts: readonly PartState[];
  readonly fallbacks: readonly Fallback[];
  readonly flow: Flow;
  readonly streams: readonly StreamState[];
  /** Number of recorded events; undefined if the event store does not answer. */
  readonly head: number | undefined;
  /** Number of dead letters; undefined if it is unknown. */
  readonly deadLetters: number | undefined;
  readonly audit: LastAudit;
}

/** Answers to the four questions of an operator. */
export interface Verdict {
  readonly isWell: boolean;
  /** Problems; none if it is well. */
  readonly problems: readonly string[];
  readonly late: string;
  /** `nothing` is lost; events are `set aside`; the history was `altered`; or it is `unknown` while a server is down. */
  readonly lost: 'nothing' | 'set aside' | 'altered' | 'unknown';
  readonly lostText: string;
  /** Actions, each with its runbook. */
  readonly toDo: readonly string[];
}

/** Lateness in ms from which a step is worth an action. */
const lateMs = 60_000;

const number = (value: number): string => value.toLocaleString('en');
const duration = (seconds: number): string =>
  seconds < 120 ? `${Math.ceil(seconds)} s` : `${number(Math.ceil(seconds / 60))} min`;

const runbook = (page: string): string => `docs/how-to/runbooks/${page}.md`;

/** A problem, and the page that tells what to do about it. */
interface Problem {
  readonly text: string;
  readonly page: string;
}

const pageOfServer: Readonly<Record<string, string>> = {
  postgres: 'event-store-unreachable',
  nats: 'queue-unreachable',
  documents: 'slo-read-availability',
  redis: 'feeds-missed',
};
const pageOfPart = ({ kind, name }: PartState): string => {
  if (kind === 'server') return pageOfServer[name] ?? 'process-unreachable';
  return kind === 'subgraph' ? 'subgraph-unreachable' : 'process-unreachable';
};

const pageOfFallback = (name: string): string => {
  if (name === 'dead letters') return 'dead-letters';
  if (name.endsWith('queue')) return 'queue-unreachable';
  return name.endsWith('store') ? 'event-store-unreachable' : 'reads-standby';
};

const problemsOf = ({ parts, fallbacks, flow, streams, audit }: Found): Problem[] => [
  ...parts
    .filter(({ ok }) => !ok)
    .map((part) => ({ text: `${part.kind} ${part.name} is down`, page: pageOfPart(part) })),
  ...flow.steps
    .filter(({ state }) => state === 'stopped')
    .map(({ name }) => ({ text: `nobody takes events for ${name}`, page: 'write-path-stopped' })),
  ...streams
    .filter(({ state }) => state !== 'ok')
    .map(({ stream, state }) => ({
      text: `${stream} is ${state.toLowerCase()}`,
      page: 'queue-nearly-full',
    })),
  ...fallbacks
    .filter(({ well }) => !well)
    .map(({ name, state }) => ({ text: `${name}: ${state}`, page: pageOfFallback(name) })),
  ...(typeof audit === 'object' && !audit.passed
    ? [{ text: 'the last audit failed', page: 'audit-failed' }]
    : []),
];

const lateOf = ({ steps, behind, secondsLeft }: Flow): string => {
  const waiting = steps.filter((step) => step.behind !== null && step.behind > 0);
  if (waiting.length === 0) return behind === null ? 'unknown' : 'nothing';
  const each = waiting.map(
    (step) =>
      `${step.name} by ${number(step.behind ?? 0)} events${step.lateMs === null ? '' : ` (${duration(step.lateMs / 1_000)})`}`,
  );
  return `${each.join(', ')}${secondsLeft === null ? '' : `; ${duration(secondsLeft)} left`}`;
};

const lostOf = ({ head, deadLetters, audit, flow }: Found): Pick<Verdict, 'lost' | 'lostText'> => {
  if (typeof audit === 'object' && !audit.passed)
    return {
      lost: 'altered',
      lostText: `the event store is not as it was recorded: ${audit.flaw ?? ''} (audit of ${audit.at.toISOString()})`,
    };
  if (head === undefined)
    return {
      lost: 'unknown',
      lostText: 'unknown until the event store answers; accepted events wait in the queue',
    };
  if (!flow.queue)
    return {
      lost: 'unknown',
      lostText: `unknown until the queue answers: what it had accepted is on its disk; ${number(head)} events are recorded`,
    };
  if (deadLetters !== undefined && deadLetters > 0)
    return {
      lost: 'set aside',
      lostText: `nothing, but ${number(deadLetters)} events are set aside and have no effect yet`,
    };
  const waiting = flow.steps.find(({ name }) => name === 'recorder')?.behind ?? 0;
  const audited =
    typeof audit === 'object'
      ? `the audit of ${audit.at.toISOString().slice(0, 10)} passed`
      : 'never audited';
  return {
    lost: 'nothing',
    lostText: `nothing: ${number(head)} events are recorded, ${number(waiting)} wait in the queue, none is set aside; ${audited}`,
  };
};

/** Judges what was found. */
export const judge = (found: Found): Verdict => {
  const problems = problemsOf(found);
  const late = found.flow.steps
    .filter((step) => (step.lateMs ?? 0) > lateMs && step.state === 'working')
    .map(({ name }) => ({ text: `${name} is late`, page: 'read-model-late' }));
  const toDo = Map.groupBy([...problems, ...late], ({ page }) => page);
  return {
    isWell: problems.length === 0,
    problems: problems.map(({ text }) => text),
    late: lateOf(found.flow),
    ...lostOf(found),
    toDo: [...toDo].map(
      ([page, of]) => `${[...new Set(of.map(({ text }) => text))].join(', ')}: ${runbook(page)}`,
    ),
  };
};

/** Returns the answers as text. */
export const verdictText = ({ isWell, problems, late, lostText, toDo }: Verdict): string => {
  const [first = 'nothing', ...more] = toDo;
  return [
    `well   ${isWell ? 'yes' : `NO: ${problems.join(', ')}`}`,
    `late   ${late}`,
    `lost   ${lostText}`,
    `to do  ${first}`,
    ...more.map((action) => `       ${action}`),
  ].join('\n');
};
