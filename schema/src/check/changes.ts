import { type Change as ApiChange, CriticalityLevel, diff } from '@graphql-inspector/core';
import type { GraphQLSchema } from 'graphql';
import { apiSchema, type Composed } from '../compose/compose.ts';
import { nearestPositions } from '../compose/sdl-positions.ts';
import { type Change, type Criticality, type SdlPosition, severities, severityOf } from '../model/change.ts';
import { coordinateOf } from './coordinate.ts';
import { directiveChanges, type UnplacedChange } from './directives/changes.ts';
import { routingChanges } from './routing-changes.ts';

export type { Change };

const criticalityOf: Readonly<Record<CriticalityLevel, Criticality>> = {
  [CriticalityLevel.Breaking]: 'breaking',
  [CriticalityLevel.Dangerous]: 'dangerous',
  [CriticalityLevel.NonBreaking]: 'safe',
};

/** True if graphql-inspector reports the same deprecation as a change of the field or the value. */
const isRepeated = ({ type, path }: ApiChange): boolean =>
  /^DIRECTIVE_USAGE_(?:FIELD_DEFINITION|ENUM_VALUE|ARGUMENT)_/.test(String(type)) &&
  /^\w+\.\w+\.@deprecated\b/.test(path ?? '');

/** graphql-inspector ends the path of a directive on an input field with the name of the directive. */
const pathOf = ({ type, path = '' }: ApiChange): string =>
  /^DIRECTIVE_USAGE_INPUT_FIELD_/.test(String(type)) ? path.split('.').slice(0, 2).join('.') : path;

const differencesOf = async (before: GraphQLSchema, after: GraphQLSchema): Promise<UnplacedChange[]> =>
  (await diff(before, after)).filter((change) => !isRepeated(change)).map(present);

const present = (change: ApiChange): UnplacedChange => {
  const { type, criticality, message } = change;
  return {
    kind: String(type),
    criticality: criticalityOf[criticality.level],
    security: false,
    coordinate: coordinateOf(pathOf(change)),
    routing: false,
    message,
    ...(criticality.reason === undefined ? {} : { reason: criticality.reason }),
  };
};

/**
 * Returns the position of an element in the new SDL, or of its nearest parent that is still there; for what is gone
 * altogether, the place that it had. A subgraph that lost it comes first, because somebody changed it there.
 */
const placeOf = (
  { coordinate, subgraph }: UnplacedChange,
  base: Composed,
  head: Composed,
): SdlPosition | null => {
  const within = (positions: readonly SdlPosition[]) =>
    subgraph === undefined ? positions : positions.filter((position) => position.subgraph === subgraph);
  const now = within(head.positions.get(coordinate) ?? []);
  if (now[0] !== undefined) return now[0];
  const before = within(base.positions.get(coordinate) ?? []);
  const owners = new Set(before.map((position) => position.subgraph));
  const parents = within(nearestPositions(coordinate, head.positions));
  return parents.find((position) => owners.has(position.subgraph)) ?? parents[0] ?? before[0] ?? null;
};

const byPlace = (a: Change, b: Change): number =>
  severities.indexOf(severityOf(a)) - severities.indexOf(severityOf(b)) ||
  (a.coordinate < b.coordinate ? -1 : a.coordinate > b.coordinate ? 1 : 0);

const placed = (changes: readonly UnplacedChange[], base: Composed, head: Composed): Change[] =>
  changes
    .map((change) => {
      const { subgraph: _, ...rest } = change;
      return { ...rest, position: placeOf(change, base, head) };
    })
    .sort(byPlace);

/** Returns what differs between two schemas that clients see. */
export const apiChanges = async (
  before: GraphQLSchema,
  after: GraphQLSchema,
  base: Composed,
  head: Composed,
): Promise<Change[]> => placed(await differencesOf(before, after), base, head);

/** Returns all that differs between two compositions; the worst first, then by coordinate. */
export const changesBetween = async (
  base: Composed,
  head: Composed,
  [before, after]: readonly [GraphQLSchema, GraphQLSchema] = [apiSchema(base), apiSchema(head)],
): Promise<Change[]> => {
  const api = await differencesOf(before, after);
  return placed([...api, ...directiveChanges(base, head), ...routingChanges(base, head)], base, head);
};
