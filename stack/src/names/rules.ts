import { processNames } from '../processes.ts';

/** Identifiers that STYLE_GUIDE.md replaced, and the names to use instead. An identifier must match a key exactly. */
export const replacedNames: Readonly<Record<string, string>> = {
  handOn: 'relay',
  handedOn: 'lastPublished',
  progressDocument: 'checkpoint',
  ProgressDoc: 'CheckpointDoc',
  Tail: 'CatchUpSubscription',
  Carrier: 'backfill',
  Portion: 'AdaptiveBatchSize',
  Room: 'StreamQuota',
  OwedClaims: 'HintedHandoff',
  owed: 'pending',
  doubt: 'markUnconfirmed',
  doubtful: 'unconfirmed',
  Wire: 'NatsConnection',
  Link: 'NatsConnection, or ChainLink for the hash chain',
  QueueLine: 'ReplicaStatus',
  Ledger: 'AuditLog, or ReferenceModel in tests',
  ledger: 'auditLog, or referenceModel in tests',
  crowds: 'broadcastAuthors',
  untied: 'eraseType',
  Stamp: 'InternalToken',
  Complete: 'ResponseShaper',
  Way: 'SubgraphClient',
  ClientsOwnMaking: 'ClientCausedError',
  Again: 'a name that ends in Error',
  NotSafe: 'a name that ends in Error',
  Late: 'a name that ends in Error',
  ParkedEvent: 'DeadLetter',
  Parking: 'DeadLetters',
  createParking: 'createDeadLetters',
  park: 'addDeadLetter',
  parked: 'deadLetters',
  parkedAt: 'addedAt',
  parking: 'deadLetters',
  parkedBy: 'deadLetterPositions',
  handOnBehind: 'relayBehind',
  patience: 'timeoutMs, or a limit with its unit',
  patiently: 'a name that says what is retried',
  Bell: 'Signal',
  Place: 'ReadReplica, or QueryReplica',
  openPlace: 'openQueryReplica',
  Known: 'a name that says what is known',
};

/** Parts of the system that several processes have, and whose metrics are therefore named after the part. */
const sharedParts = ['build', 'policy', 'queue', 'event_store'] as const;

/** Pattern for the names of Rookery's metrics. */
export const metricName = new RegExp(
  `^rookery_(?:${[...processNames, ...sharedParts].join('|')})(?:_[a-z][a-z0-9]*)+$`,
);

export type MetricType = 'Counter' | 'Gauge' | 'Histogram';

/** Returns what is wrong with the name of a metric; undefined if nothing is. */
export const problemOfMetric = (type: MetricType, name: string): string | undefined => {
  if (!metricName.test(name)) return 'name it rookery_<process or part>_<what>_<unit>';
  if (type === 'Counter' && !name.endsWith('_total')) return 'end the name of a counter in _total';
  if (type !== 'Counter' && name.endsWith('_total')) return 'only a counter ends in _total';
  if (type === 'Histogram' && !/_(?:seconds|bytes|events)$/.test(name))
    return 'end the name of a histogram in its unit';
  return undefined;
};

const emptyFolders: ReadonlySet<string> = new Set(['util', 'utils', 'common', 'helper', 'helpers', 'misc']);

/** Names that a standard or a tool demands. */
const givenNames = /^(?:[A-Z_]+(?:\.(?:md|txt))?|Dockerfile|Chart\.yaml|_helpers\.tpl|\.helmignore)$/;
const kebabCase = /^\.?[a-z0-9]+(?:[-.][a-z0-9]+)*$/;

/** Returns what is wrong with a path; undefined if nothing is. */
export const problemOfPath = (path: string): string | undefined => {
  const folders = path.split('/');
  const file = folders.pop() ?? '';
  const empty = folders.find((folder) => emptyFolders.has(folder));
  if (empty !== undefined) return `call the folder ${empty} after what it contains`;
  const wrong = [...folders, ...(givenNames.test(file) ? [] : [file])].find((part) => !kebabCase.test(part));
  return wrong === undefined ? undefined : `write ${wrong} in kebab case`;
};
