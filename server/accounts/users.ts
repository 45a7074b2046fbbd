// People: who owns the shelf, who signed up, who signs in.
import { conflict, forbidden, invalid, notFound, unauthenticated } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import { newId } from '../base/ids.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { hashPassword, passwordFits, passwordLacks } from './passwords.ts';
import {
  claimUser,
  insertUser,
  selectFirstUser,
  selectUser,
  selectUserByEmail,
  updateUser,
} from './users.queries.ts';
import type { UserRow } from './users.queries.ts';

export type User = Omit<UserRow, 'passwordHash'>;
export type NewUser = { email: string; password: string; displayName: string };

/** Preferences of a new account (Papyrus behaviour §3). */
const FIRST_PREFERENCES = {
  theme: 'system',
  notifications_enabled: true,
  default_shelf: 'Currently Reading',
  sync_wifi_only: false,
};

export type Users = ReturnType<typeof createUsers>;

/** Returns the verbs of accounts. */
export function createUsers({ catalogue, clock }: { catalogue: Catalogue; clock: Clock }) {
  /** The account the scanned library belongs to; made on the first start, before anybody claimed it. */
  function ensureShelfOwner(): string {
    const first = catalogue.read(selectFirstUser);
    if (first !== undefined) return first.userId;
    const now = clock.now();
    const userId = newId(now);
    catalogue.write({}, (db) =>
      insertUser(db, { userId, displayName: 'Owner', preferences: FIRST_PREFERENCES, createdAt: now }),
    );
    return userId;
  }
  const shelfOwnerId = ensureShelfOwner();

  return {
    /** The id of the account the scanned library belongs to. */
    shelfOwnerId: (): string => shelfOwnerId,

    /** Whether somebody owns this server. */
    claimed: (): boolean => catalogue.read((db) => selectUser(db, shelfOwnerId))?.email != null,

    /** Makes the caller the shelf's owner. Throws invalid for a weak password, conflict when somebody was first. */
    async claim(claim: NewUser): Promise<User> {
      checkPassword(claim.password);
      const passwordHash = await hashPassword(claim.password);
      const email = normalEmail(claim.email);
      const claimed = catalogue.write({}, (db) => {
        refuseTakenEmail(selectUserByEmail(db, email));
        return claimUser(db, shelfOwnerId, {
          email,
          displayName: claim.displayName,
          passwordHash,
          emailVerified: true,
        });
      });
      if (!claimed) throw conflict('This server already has an owner.');
      return this.get(shelfOwnerId);
    },

    /** Adds an account. Throws invalid for a weak password, conflict for an e-mail address that is taken. */
    async register(user: NewUser): Promise<User> {
      checkPassword(user.password);
      const passwordHash = await hashPassword(user.password);
      const email = normalEmail(user.email);
      const now = clock.now();
      const userId = newId(now);
      catalogue.write({}, (db) => {
        refuseTakenEmail(selectUserByEmail(db, email));
        insertUser(db, {
          userId,
          email,
          displayName: user.displayName,
          passwordHash,
          preferences: FIRST_PREFERENCES,
          createdAt: now,
        });
      });
      return this.get(userId);
    },

    /** Returns whose e-mail and password these are. Throws unauthenticated in one sentence for every reason, forbidden for a disabled account. */
    async signIn(email: string, password: string): Promise<User> {
      const user = catalogue.read((db) => selectUserByEmail(db, normalEmail(email)));
      const fits = await passwordFits(password, user?.passwordHash ?? null);
      if (user === undefined || !fits) throw unauthenticated('The e-mail address or the password is wrong.');
      if (user.disabledAt !== null) throw forbidden('This account is disabled.');
      const lastLoginAt = clock.now();
      catalogue.write({}, (db) => updateUser(db, user.userId, { lastLoginAt }));
      return withoutHash({ ...user, lastLoginAt });
    },

    /** Returns an account. Throws not_found. */
    get(userId: string): User {
      const user = catalogue.read((db) => selectUser(db, userId));
      if (user === undefined) throw notFound('user', userId);
      return withoutHash(user);
    },

    /** Changes name or picture. Throws not_found. */
    change(userId: string, change: { displayName?: string; avatarUrl?: string | null }): User {
      catalogue.write({}, (db) => {
        if (selectUser(db, userId) === undefined) throw notFound('user', userId);
        if (Object.keys(change).length > 0) updateUser(db, userId, change);
      });
      return this.get(userId);
    },
  };
}

const normalEmail = (email: string) => email.trim().toLowerCase();

function withoutHash({ passwordHash: _hash, ...user }: UserRow): User {
  return user;
}

function refuseTakenEmail(user: UserRow | undefined): void {
  if (user !== undefined) throw conflict('There is already an account with this e-mail address.');
}

function checkPassword(password: string): void {
  const lacks = passwordLacks(password);
  if (lacks === undefined) return;
  const message = `Your password needs ${lacks}.`;
  throw invalid(message, { details: { fields: { password: message } } });
}
