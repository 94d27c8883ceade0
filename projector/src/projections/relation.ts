import type { EventName, RecordedEvent } from '@rookery/schema/events';
import { type RelationDoc, relationId, type Version } from '@rookery/stores/documents';
import { newer, versionOf } from './define.ts';

/** A choice that can be switched on and off again. */
export interface Switch {
  readonly active: boolean;
  readonly version: Version;
  readonly position: number | null;
  readonly since: string | null;
}

/**
 * The newest event decides whether it is on; the smallest position that switched it on is where it stands in every
 * list, so that repeating it moves nothing. Undefined where this event changes nothing.
 */
export const turn = (
  before: Switch | undefined,
  recorded: RecordedEvent,
  on: boolean,
): Switch | undefined => {
  const version = versionOf(recorded);
  const decides = before === undefined || newer(version, before.version);
  const first = on && (before?.position == null || recorded.position < before.position);
  if (!decides && !first) return undefined;
  return {
    active: decides ? on : before.active,
    version: decides ? version : before.version,
    position: first ? recorded.position : (before?.position ?? null),
    since: first ? recorded.event.time : (before?.since ?? null),
  };
};

/** A relation between the actor and the subject of the two kinds of event that make and end it. */
export const relation = (on: EventName, off: EventName) => ({
  touches: ({ event }: RecordedEvent): readonly string[] =>
    event.name === on || event.name === off ? [relationId(event.actor, event.subject)] : [],

  merge: (doc: RelationDoc | undefined, recorded: RecordedEvent): RelationDoc => {
    const { event } = recorded;
    const switched = turn(doc, recorded, event.name === on);
    if (doc && !switched) return doc;
    return { actor: event.actor, object: event.subject, ...doc, ...switched } as RelationDoc;
  },
});
