// People: who owns the shelf, who signed up, who signs in.
import type { Db } from '../catalogue/db.ts';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { conflict, forbidden, invalid, notFound, unauthenticated } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import { newId } from '../base/ids.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { createLockout } from './lockout.ts';
import type { Lockout } from './lockout.ts';
import { checkPassword, hashPassword, passwordFits } from './passwords.ts';
import { createRegistration } from './registration.ts';
import type { Registration } from './registration.ts';
import { revokeUserSessions } from './tokens.queries.ts';
import {
  claimUser,
  eraseSlice,
  eraseUser,
  insertUser,
  selectDeletedUsers,
  selectFirstUser,
  selectUser,
  selectUserByEmail,
  updateUser,
} from './users.queries.ts';
import type { UserRow } from './users.queries.ts';

export type User = Omit<UserRow, 'passwordHash'> & { hasPassword: boolean };
export type NewUser = { email: string; password: string; displayName: string };
/** `invitation` is the code of the link somebody came by. */
export type Newcomer = NewUser & { invitation?: string | undefined };

/** Preferences of a new account (papyrus.md "People"). */
export const FIRST_PREFERENCES = {
  theme: 'system',
  notifications_enabled: true,
  default_shelf: 'Currently Reading',
  sync_wifi_only: false,
};

/** A deleted account comes back with a sign-in within this time (papyrus.md "People"). */
const GRACE_MS = 7 * 24 * 60 * 60 * 1000;

export type Users = ReturnType<typeof createUsers>;
type AddedUser = Pick<UserRow, 'displayName'> &
  Partial<Omit<UserRow, 'userId' | 'createdAt' | 'preferences'>> & { invitation?: string | undefined };
type UserParts = {
  catalogue: Catalogue;
  clock: Clock;
  lockout?: Lockout;
  /** Accounts sign in only after they confirmed their address. */
  requireEmailVerification?: boolean;
  /** Gives a new account what it begins with, within the write that makes it. */
  furnish?: (db: Db, userId: string, now: Date) => void;
  registration?: Registration;
};

/** Returns the verbs of accounts. */
export function createUsers(parts: UserParts) {
  const { catalogue, clock, lockout = createLockout({ clock }), requireEmailVerification = false } = parts;
  const { furnish = () => {}, registration = createRegistration({ catalogue, clock }) } = parts;
  const addNobody = (db: Db, userId: string): void => {
    const now = clock.now();
    insertUser(db, nobody(userId, now));
    furnish(db, userId, now);
  };
  /** The account the scanned library belongs to; made on the first start, before anybody claimed it. */
  function ensureShelfOwner(): string {
    const first = catalogue.read(selectFirstUser);
    if (first !== undefined) return first.userId;
    const userId = newId(clock.now());
    catalogue.write({}, (db) => addNobody(db, userId));
    return userId;
  }
  const shelfOwnerId = ensureShelfOwner();
  function eraseRows(db: Db, userId: string): void {
    eraseUser(db, userId);
    if (userId === shelfOwnerId) addNobody(db, userId);
  }

  const isClaimed = (db: Db): boolean => {
    const owner = selectUser(db, shelfOwnerId);
    return owner?.email != null && !isGone(owner, clock.now());
  };
  /** What uses up an invitation; before somebody owns the server nobody needs one. Throws forbidden. */
  const admit = (db: Db, invitation: string | undefined): (() => void) =>
    isClaimed(db) ? registration.admit(db, invitation) : () => {};

  /**
   * Adds an account within a write and returns its id. Throws forbidden for somebody who may not register, conflict for an
   * e-mail address that is somebody's.
   */
  function add(db: Db, { invitation, ...user }: AddedUser, now: Date): string {
    admit(db, invitation)();
    const userId = addUser(db, user, now);
    furnish(db, userId, now);
    return userId;
  }

  return {
    add,

    /** The id of the account the scanned library belongs to. */
    shelfOwnerId: (): string => shelfOwnerId,

    /** Whether somebody owns this server. */
    claimed: (): boolean => catalogue.read(isClaimed),

    /** Whether everybody may register now, or only whom the owner invited. */
    registration: (): 'open' | 'invitation' =>
      !catalogue.read(isClaimed) || registration.openUntil() !== undefined ? 'open' : 'invitation',

    /** Makes the caller the shelf's owner. Throws invalid for a weak password, conflict when somebody was first. */
    async claim(claim: NewUser): Promise<User> {
      checkPassword(claim.password);
      const passwordHash = await hashPassword(claim.password);
      const email = normalEmail(claim.email);
      const claimed = catalogue.write({}, (db) => {
        const owner = selectUser(db, shelfOwnerId);
        if (owner !== undefined && isGone(owner, clock.now())) eraseRows(db, shelfOwnerId);
        freeEmail(db, email, clock.now());
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

    /**
     * Adds an account. Throws forbidden without the invitation that is needed, invalid for a weak password, conflict for an
     * e-mail address that is taken.
     */
    async register({ email, password, displayName, invitation }: Newcomer): Promise<User> {
      catalogue.read((db) => void admit(db, invitation));
      checkPassword(password);
      const passwordHash = await hashPassword(password);
      const userId = catalogue.write({}, (db) =>
        add(db, { email: normalEmail(email), displayName, passwordHash, invitation }, clock.now()),
      );
      return this.get(userId);
    },

    /**
     * Returns whose e-mail and password these are, and takes back a deletion they asked for less than a week ago.
     * Throws unauthenticated in one sentence for every reason, forbidden for a disabled account and for one whose
     * address must be confirmed first, rate_limited after five wrong passwords from one address.
     */
    async signIn({
      email,
      password,
      from,
    }: {
      email: string;
      password: string;
      from: string;
    }): Promise<User> {
      const account = normalEmail(email);
      lockout.check(account, from);
      const user = catalogue.read((db) => selectUserByEmail(db, account));
      const fits = await passwordFits(password, user?.passwordHash ?? null);
      // Guesses made side by side find the account open: none of them learns anything once it is shut.
      lockout.check(account, from);
      if (user === undefined || !fits || isGone(user, clock.now())) {
        lockout.fail(account, from);
        throw unauthenticated('The e-mail address or the password is wrong.');
      }
      lockout.forgive(account, from);
      return this.enter(user.userId);
    },

    /** Notes that a person who proved who they are came in. Throws forbidden as `signIn` does, not_found. */
    enter(userId: string): User {
      const user = this.get(userId);
      if (user.disabledAt !== null) throw forbidden('This account is disabled.');
      if (requireEmailVerification && !user.emailVerified) {
        throw forbidden(
          'Confirm your e-mail address first: follow the link in the letter that was sent to it.',
        );
      }
      const lastLoginAt = clock.now();
      catalogue.write({}, (db) => updateUser(db, userId, { lastLoginAt, deletionRequestedAt: null }));
      return { ...user, lastLoginAt, deletionRequestedAt: null };
    },

    /** Replaces the password and ends every session. Throws invalid for a weak one or an account without, forbidden for a wrong current one. */
    async changePassword(
      userId: string,
      { current, next, from }: { current: string; next: string; from: string },
    ) {
      checkPassword(next, 'new_password');
      const checked = await this.prove(userId, current, from);
      const passwordHash = await hashPassword(next);
      catalogue.write({}, (db) => {
        if (selectUser(db, userId)?.passwordHash !== checked) throw wrongPassword();
        updateUser(db, userId, { passwordHash });
        revokeUserSessions(db, userId, clock.now());
      });
    },

    /**
     * Gives the person a password without asking for the old one, and ends every session.
     * Throws invalid for a weak one, conflict when the account is nobody's yet.
     */
    async replacePassword(userId: string, password: string): Promise<void> {
      checkPassword(password);
      const passwordHash = await hashPassword(password);
      catalogue.write({}, (db) => {
        if (selectUser(db, userId)?.email == null)
          throw conflict('Nobody owns this server yet. Open its desk to make an account.');
        updateUser(db, userId, { passwordHash });
        revokeUserSessions(db, userId, clock.now());
      });
    },

    /** Returns the hash a password fits. Throws forbidden for a wrong one, invalid for an account without, rate_limited. */
    async prove(userId: string, password: string, from: string): Promise<string> {
      const user = catalogue.read((db) => selectUser(db, userId));
      if (user === undefined) throw notFound('user', userId);
      if (user.passwordHash === null) {
        throw invalid('This account has no password yet. Ask for a new one by e-mail to choose it.');
      }
      lockout.check(userId, from);
      const fits = await passwordFits(password, user.passwordHash);
      lockout.check(userId, from);
      if (!fits) {
        lockout.fail(userId, from);
        throw wrongPassword();
      }
      lockout.forgive(userId, from);
      return user.passwordHash;
    },

    /** Replaces a person's preferences and returns them. */
    setPreferences(userId: string, preferences: Record<string, unknown>): Record<string, unknown> {
      catalogue.write({}, (db) => updateUser(db, userId, { preferences }));
      return this.get(userId).preferences;
    },

    /** Ends every session; a sign-in within seven days takes it back, after them the account is nobody's. */
    requestDeletion(userId: string): void {
      const now = clock.now();
      catalogue.write({}, (db) => {
        updateUser(db, userId, { deletionRequestedAt: now });
        revokeUserSessions(db, userId, now);
      });
    },

    /**
     * Deletes every row of a person, the diary's too; the shelf's owner leaves an unclaimed server behind. Large
     * libraries go slice by slice, so that the server answers in between.
     */
    async erase(userId: string): Promise<void> {
      while (catalogue.write({}, (db) => eraseSlice(db, userId))) await nextTurn();
      catalogue.write({}, (db) => eraseRows(db, userId));
    },

    /** Returns the accounts whose time to come back is over. */
    gone: (): string[] =>
      catalogue.read((db) => selectDeletedUsers(db, new Date(clock.now().getTime() - GRACE_MS))),

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

/** How addresses are kept and compared. */
export const normalEmail = (email: string): string => email.trim().toLowerCase();

/** Whether the account was deleted and its time to come back is over. */
export const isGone = (user: Pick<UserRow, 'deletionRequestedAt'>, now: Date): boolean =>
  user.deletionRequestedAt !== null && now.getTime() - user.deletionRequestedAt.getTime() >= GRACE_MS;

function addUser(db: Db, user: Omit<AddedUser, 'invitation'>, now: Date): string {
  if (user.email != null) freeEmail(db, user.email, now);
  const userId = newId(now);
  insertUser(db, { ...user, userId, preferences: FIRST_PREFERENCES, createdAt: now });
  return userId;
}

/** Takes the address from an account that is gone. Throws conflict when it is somebody's. */
function freeEmail(db: Db, email: string, now: Date): void {
  const user = selectUserByEmail(db, email);
  if (user === undefined) return;
  if (!isGone(user, now)) throw conflict('There is already an account with this e-mail address.');
  updateUser(db, user.userId, { email: null });
}

function withoutHash({ passwordHash, ...user }: UserRow): User {
  return { ...user, hasPassword: passwordHash !== null };
}

const nobody = (userId: string, now: Date) => ({
  userId,
  displayName: 'Owner',
  preferences: FIRST_PREFERENCES,
  createdAt: now,
});

const wrongPassword = () => forbidden('The password is wrong.');
