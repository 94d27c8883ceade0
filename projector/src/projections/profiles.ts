import type { UserDoc, Version } from '@rookery/read-models';
import { type MergeOf, newer, type Projection, versionOf } from './define.ts';

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

const withName = (doc: UserDoc, name: string | undefined, version: Version, userId: string): UserDoc =>
  name !== undefined && replacesName(version, doc.nameVersion, userId)
    ? { ...doc, name, nameVersion: version }
    : doc;

const withBio = (doc: UserDoc, bio: string | null | undefined, version: Version): UserDoc =>
  bio !== undefined && newer(version, doc.bioVersion) ? { ...doc, bio, bioVersion: version } : doc;

const users: MergeOf<'users'> = {
  collection: 'users',

  // The id of a sign-up is the user id, and users change their own profile only, so the subject is ignored.
  affectedIds({ event }) {
    if (event.name === 'rookery.user.signed-up') return [event.id];
    if (event.name === 'rookery.user.profile-updated') return [event.actor];
    return [];
  },

  merge(before, recorded, id) {
    const { event, position } = recorded;
    const doc = before ?? nobodyYet;
    const version = versionOf(recorded);
    if (event.name === 'rookery.user.signed-up') {
      const joined =
        doc.handle === null
          ? { ...doc, handle: event.data.handle, joinedAt: event.time, joinedPosition: position }
          : doc;
      return withName(joined, event.data.name, version, id);
    }
    if (event.name === 'rookery.user.profile-updated') {
      return withBio(withName(doc, event.data.name, version, id), event.data.bio, version);
    }
    return doc;
  },
};

/** Users and their profiles. */
export const profiles: Projection = { name: 'profiles', merges: [users] };
