import { eventKinds, type RecordedEvent } from '@rookery/schema/events';
import { termsOfPerson } from '../text/search-terms.ts';
import {
  defineCollection,
  defineProjection,
  isSameVersion,
  newer,
  type Version,
  versionOf,
} from './define.ts';
import { friendsFeedSettings, hiddenShares } from './friends-feed-choices.ts';
import { listMembers, lists } from './lists.ts';
import { moderations } from './moderations.ts';
import { mutedThreads, mutedWords, mutes } from './mutes.ts';
import { relation } from './relation.ts';
import { cases, reports } from './reports.ts';
import { notificationSettings, readMarkers } from './settings.ts';

/** An object, since not each document store of MongoDB's protocol takes arrays in arrays. */
interface GivenHandle {
  readonly handle: string;
  readonly version: Version;
}

/** `users/<userId>`. Without a handle it is not a user yet: a profile update came before the sign-up. */
export interface UserDoc {
  readonly handle: string | null;
  readonly joinedAt: string | null;
  /** The newest handles, the newest first, once there was another than that of the sign-up. Texts may still have older ones. */
  readonly handles?: readonly GivenHandle[];
  /** Position of the sign-up. */
  readonly joinedPosition: number | null;
  readonly name: string | null;
  readonly nameVersion: Version | null;
  readonly bio: string | null;
  readonly bioVersion: Version | null;
  /** True: only followers may see the posts, and only those follow whom the user approves. Absent: never protected. */
  readonly protected?: boolean;
  readonly protectedVersion?: Version;
  /** Position of the event that decides `protected`: live feeds find changes by it. */
  readonly protectedChanged?: number;
  /** True while a moderator has suspended the account: nobody sees it, or anything that it has done. Otherwise absent. */
  readonly suspended?: true;
  readonly suspensionVersion?: Version;
}

const nobodyYet: UserDoc = {
  handle: null,
  joinedAt: null,
  joinedPosition: null,
  name: null,
  nameVersion: null,
  bio: null,
  bioVersion: null,
};

/**
 * Returns whether the version is that of the sign-up, whose event id is the user id. It precedes all updates,
 * whatever its time.
 */
const isSignUp = ([, eventId]: Version, userId: string): boolean => eventId === userId;

const replacesName = (version: Version, before: Version | null, userId: string): boolean => {
  if (before === null) return true;
  if (isSignUp(version, userId)) return false;
  return isSignUp(before, userId) || newer(version, before);
};

/** Number of handles that a user is known by. */
const keptHandles = 20;

/** The version of the handle of the sign-up, which precedes all others. */
const signUpVersion = (userId: string): Version => ['', userId];

const withGiven = (handles: readonly GivenHandle[], given: GivenHandle): readonly GivenHandle[] =>
  [...handles, given].sort((a, b) => (newer(a.version, b.version) ? -1 : 1)).slice(0, keptHandles);

/** Gives the handle of the sign-up, unless a change is known already. */
const withSignUp = (
  doc: UserDoc,
  { event, position }: RecordedEvent,
  own: string,
  userId: string,
): UserDoc => {
  if (doc.handle !== null) return doc;
  const joined = { ...doc, joinedAt: event.time, joinedPosition: position };
  if (doc.handles === undefined) return { ...joined, handle: own };
  const handles = withGiven(doc.handles, { handle: own, version: signUpVersion(userId) });
  return { ...joined, handles, handle: handles[0]?.handle ?? own };
};

/** Without the sign-up it is no user yet, and has no handle. */
const withHandle = (doc: UserDoc, handle: string, version: Version, userId: string): UserDoc => {
  const before =
    doc.handles ?? (doc.handle === null ? [] : [{ handle: doc.handle, version: signUpVersion(userId) }]);
  const given = { handle, version };
  if (before.some((each) => isSameVersion(each.version, version))) return doc;
  const handles = withGiven(before, given);
  if (!handles.includes(given)) return doc;
  return { ...doc, handles, handle: doc.handle === null ? null : (handles[0]?.handle ?? handle) };
};

const withName = (doc: UserDoc, name: string | undefined, version: Version, userId: string): UserDoc =>
  name !== undefined && replacesName(version, doc.nameVersion, userId)
    ? { ...doc, name, nameVersion: version }
    : doc;

const withBio = (doc: UserDoc, bio: string | null | undefined, version: Version): UserDoc =>
  bio !== undefined && newer(version, doc.bioVersion) ? { ...doc, bio, bioVersion: version } : doc;

const withProtection = (doc: UserDoc, isProtected: boolean | undefined, recorded: RecordedEvent): UserDoc =>
  isProtected !== undefined && newer(versionOf(recorded), doc.protectedVersion ?? null)
    ? {
        ...doc,
        protected: isProtected,
        protectedVersion: versionOf(recorded),
        protectedChanged: recorded.position,
      }
    : doc;

const withSuspension = (
  { suspended: before, ...doc }: UserDoc,
  isSuspended: boolean,
  recorded: RecordedEvent,
): UserDoc => ({
  ...doc,
  ...(isSuspended ? { suspended: true } : {}),
  suspensionVersion: versionOf(recorded),
});

const ofUsers = [
  eventKinds.userSignedUp,
  eventKinds.userProfileUpdated,
  eventKinds.userHandleChanged,
  eventKinds.userSuspended,
  eventKinds.userUnsuspended,
] as const;

/** Returns the id of the user whom an event changes. */
const changedUser = ({ event }: RecordedEvent): string => {
  // The id of a sign-up is the user id, and users change their own profile only, so the subject is ignored.
  if (event.name === 'rookery.user.signed-up') return event.id;
  const isModeration = event.name === 'rookery.user.suspended' || event.name === 'rookery.user.unsuspended';
  return isModeration ? event.subject : event.actor;
};

const users = defineCollection<UserDoc>()({
  indexes: [{ equal: ['handle'], order: 'joinedPosition' }],
  on: ofUsers,

  affectedIds: (recorded) => [changedUser(recorded)],

  merge(before, recorded, id) {
    const { event } = recorded;
    const doc = before ?? nobodyYet;
    const version = versionOf(recorded);
    if (event.name === 'rookery.user.signed-up')
      return withName(withSignUp(doc, recorded, event.data.handle, id), event.data.name, version, id);
    if (event.name === 'rookery.user.handle-changed') return withHandle(doc, event.data.handle, version, id);
    if (event.name !== 'rookery.user.profile-updated') {
      if (!newer(version, doc.suspensionVersion ?? null)) return doc;
      return withSuspension(doc, event.name === 'rookery.user.suspended', recorded);
    }
    const { name, bio, protected: isProtected } = event.data;
    return withProtection(withBio(withName(doc, name, version, id), bio, version), isProtected, recorded);
  },
  topics: (_doc, id) => [`account:${id}`],
});

/** `people/<userId>`: a user as a search finds them. A collection of its own, so that the documents of authors stay small. */
export interface PersonDoc extends UserDoc {
  /** Derived: terms by which a search finds the user. Absent: not a user yet. */
  readonly terms?: readonly string[];
}

const people = defineCollection<PersonDoc>()({
  indexes: [{ each: 'terms', equal: [], order: 'joinedPosition' }],
  on: ofUsers,
  affectedIds: users.affectedIds,
  merge(before, recorded, id) {
    const user = users.merge(before, recorded, id);
    if (user === before || user.handle === null) return user;
    return { ...user, bio: null, terms: termsOfPerson(user.handle, user.name ?? '') };
  },
});

/** Returns the live topic of the blocks between two users, in both directions: for what others see of one beside the other. */
export const blockTopic = (one: string, other: string): `block:${string}` =>
  `block:${[one, other].toSorted().join(':')}`;

/** Private: neither side may learn of them in any other way than by what it no longer sees. */
const blocks = relation({
  on: eventKinds.userBlocked,
  off: eventKinds.userUnblocked,
  indexes: [{ equal: ['actor', 'active'], order: 'position' }],
  topics: ({ actor, object }) => [`viewer:${actor}`, `viewer:${object}`, blockTopic(actor, object)],
});

/**
 * Users, their profiles, their private settings and lists, and whom they block and mute. The rules need the blocks before anything that they
 * hide: this projection is the least work of all, and no other store can delay it.
 */
export const profiles = defineProjection({
  name: 'profiles',
  collections: {
    users,
    people,
    blocks,
    mutes,
    mutedThreads,
    mutedWords,
    hiddenShares,
    readMarkers,
    notificationSettings,
    friendsFeedSettings,
    lists,
    listMembers,
    moderations,
    reports,
    cases,
  },
});
