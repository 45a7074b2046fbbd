// Reading profiles: how a page looks. Exactly one is the default. A profile of somebody else is not there.
import type { Db } from '../catalogue/db.ts';
import { forbidden, notFound } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import { newId } from '../base/ids.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import {
  deleteProfile,
  insertProfile,
  selectPeopleWithoutProfile,
  selectProfile,
  selectProfiles,
  updateProfile,
} from './profiles.queries.ts';
import type { ProfileRow } from './profiles.queries.ts';

/** The contract's own words for fonts, margins and colours: nothing here reads them, so they are kept as they are. */
export type Appearance = Record<string, unknown>;
export type NewProfile = { name: string; isDefault?: boolean; appearance: Appearance };
/** `appearance` holds what changes of it. */
export type ProfileChange = { name?: string | undefined; appearance: Appearance };

export type Profiles = ReturnType<typeof createProfiles>;

/** Returns the verbs of reading profiles; people without one get theirs. */
export function createProfiles({ catalogue, clock }: { catalogue: Catalogue; clock: Clock }) {
  const without = catalogue.read(selectPeopleWithoutProfile);
  if (without.length > 0) {
    catalogue.write({}, (db) => {
      for (const ownerId of without) addFirstProfile(db, ownerId, clock.now());
    });
  }

  const get = (ownerId: string, profileId: string): ProfileRow =>
    catalogue.read((db) => find(db, ownerId, profileId));

  return {
    /** Returns a profile. Throws not_found. */
    get,

    /** Returns the owner's profiles: the default one, then by name. */
    list: (ownerId: string): ProfileRow[] => catalogue.read((db) => selectProfiles(db, ownerId)),

    /** Adds a profile; the first one is the default, and one that says so takes over. */
    create(ownerId: string, profile: NewProfile, deviceId: string): ProfileRow {
      const profileId = catalogue.write({ deviceId }, (db) => addProfile(db, ownerId, profile, clock.now()));
      return get(ownerId, profileId);
    },

    /** Changes what is given. Throws not_found. */
    change(ownerId: string, profileId: string, change: ProfileChange, deviceId: string): ProfileRow {
      catalogue.write({ deviceId }, (db) => changeProfile(db, ownerId, profileId, change, clock.now()));
      return get(ownerId, profileId);
    },

    /** Makes the profile the default one. Throws not_found. */
    setDefault(ownerId: string, profileId: string, deviceId: string): ProfileRow {
      catalogue.write({ deviceId }, (db) => makeDefault(db, ownerId, profileId, clock.now()));
      return get(ownerId, profileId);
    },

    /** Removes a profile. Throws not_found, forbidden for the default one. */
    remove(ownerId: string, profileId: string, deviceId: string): void {
      catalogue.write({ deviceId }, (db) => removeProfile(db, ownerId, profileId));
    },
  };
}

/** Gives an account its first profile, within the write that makes it. */
export function addFirstProfile(db: Db, ownerId: string, now: Date): void {
  addProfile(db, ownerId, { name: 'Default', isDefault: true, appearance: {} }, now);
}

/** Adds a profile within a write and returns its id, the one given if any. */
export function addProfile(
  db: Db,
  ownerId: string,
  { profileId, isDefault = false, ...profile }: NewProfile & { profileId?: string },
  now: Date,
): string {
  const isFirst = selectProfiles(db, ownerId).length === 0;
  const id = profileId ?? newId(now);
  insertProfile(db, { ...profile, profileId: id, ownerId, createdAt: now, updatedAt: now });
  if (isDefault || isFirst) makeDefault(db, ownerId, id, now);
  return id;
}

/** Changes what is given within a write. Throws not_found. */
export function changeProfile(
  db: Db,
  ownerId: string,
  profileId: string,
  { name, appearance }: ProfileChange,
  now: Date,
): void {
  const before = find(db, ownerId, profileId);
  updateProfile(db, profileId, {
    ...(name === undefined ? {} : { name }),
    appearance: { ...before.appearance, ...appearance },
    updatedAt: now,
  });
}

/** Moves the default within a write. Throws not_found. */
export function makeDefault(db: Db, ownerId: string, profileId: string, now: Date): void {
  if (find(db, ownerId, profileId).isDefault) return;
  // One default at a time, as the index wants it: the old one goes first.
  for (const { profileId: id, isDefault } of selectProfiles(db, ownerId)) {
    if (isDefault) updateProfile(db, id, { isDefault: false, updatedAt: now });
  }
  updateProfile(db, profileId, { isDefault: true, updatedAt: now });
}

/** Removes a profile within a write. Throws not_found, forbidden for the default one. */
export function removeProfile(db: Db, ownerId: string, profileId: string): void {
  if (find(db, ownerId, profileId).isDefault) {
    throw forbidden('The default profile stays. Make another one the default first.');
  }
  deleteProfile(db, profileId);
}

function find(db: Db, ownerId: string, profileId: string): ProfileRow {
  const profile = selectProfile(db, ownerId, profileId);
  if (profile === undefined) throw notFound('profile', profileId);
  return profile;
}
