// Letters with a link: to confirm an address, to choose a new password. Without a mail server they wait for the desk.
import type { Db } from '../catalogue/db.ts';
import type { AppError } from '../base/errors.ts';
import { invalid, notFound } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import { newId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { writeLetter } from './letter-texts.ts';
import type { LetterKind } from './letter-texts.ts';
import {
  deleteLetter,
  deleteLettersBefore,
  putLetter,
  selectLetters,
  takeLetter,
} from './letters.queries.ts';
import type { WaitingLetter } from './letters.queries.ts';
import type { Mail } from './mail.ts';
import type { OneTimeCodes } from './one-time-codes.ts';
import { checkPassword, hashPassword } from './passwords.ts';
import { revokeUserSessions } from './tokens.queries.ts';
import { isGone, normalEmail } from './users.ts';
import { selectUser, selectUserByEmail, updateUser } from './users.queries.ts';
import type { UserRow } from './users.queries.ts';

export type { LetterKind, WaitingLetter };

const VERIFY_MINUTES = 24 * 60;
/** A request nobody answered in the desk is forgotten. */
const KEEP_MS = 7 * 24 * 60 * 60 * 1000;
const PATHS = { verify_email: '/verify-email', reset_password: '/reset-password' } as const;

export type Letters = ReturnType<typeof createLetters>;
type LetterParts = {
  catalogue: Catalogue;
  clock: Clock;
  log: Log;
  codes: OneTimeCodes;
  /** Undefined without a mail server. */
  mail: Mail | undefined;
  resetLinkMinutes: number;
};

/** Returns the verbs of letters. */
export function createLetters(parts: LetterParts) {
  const { catalogue, clock, log, codes, mail, resetLinkMinutes } = parts;
  const minutesOf = (kind: LetterKind) => (kind === 'verify_email' ? VERIFY_MINUTES : resetLinkMinutes);

  function makeLink(db: Db, { kind, userId }: { kind: LetterKind; userId: string }, base: string) {
    const minutes = minutesOf(kind);
    const { code, expiresAt } = codes.make(db, { kind, userId, minutes, supersedes: true });
    return { code, expiresAt, minutes, url: `${base}${PATHS[kind]}?token=${code}` };
  }
  function leaveForDesk(userId: string, kind: LetterKind, linkBase: string): void {
    const now = clock.now();
    catalogue.write({}, (db) => {
      deleteLettersBefore(db, new Date(now.getTime() - KEEP_MS));
      putLetter(db, { letterId: newId(now), userId, kind, requestedAt: now, linkBase });
    });
  }
  async function deliver(via: Mail, kind: LetterKind, user: UserRow, base: string): Promise<void> {
    const { email, userId } = user;
    if (email === null) return;
    const { url, code, minutes } = catalogue.write({}, (db) => makeLink(db, { kind, userId }, base));
    await via.send(writeLetter(kind, { to: email, displayName: user.displayName, link: url, code, minutes }));
    catalogue.write({}, (db) => deleteLetter(db, userId, kind));
  }

  /** Sends a letter in the background; what cannot be sent waits for the desk. */
  function send(kind: LetterKind, user: UserRow, base: string): void {
    const leave = (): void => {
      try {
        leaveForDesk(user.userId, kind, base);
      } catch (error) {
        log.error('a letter is lost', { error });
      }
    };
    if (mail === undefined) {
      leave();
      return;
    }
    deliver(mail, kind, user, base).catch((error: unknown) => {
      log.warn('a letter could not be sent', { error });
      leave();
    });
  }

  return {
    /** Whether there is a mail server. */
    canSend: (): boolean => mail !== undefined,

    /**
     * Sends the letter to an address, or leaves it for the desk; its link leads to `base`. Until it resolves it does the same
     * for every address, so that neither the outcome nor the time it takes tells who is here: whether there is somebody is
     * looked up after. Throws unavailable when the mail server does not answer.
     */
    async request(kind: LetterKind, email: string, base: string): Promise<void> {
      await mail?.check();
      setImmediate(() => {
        const user = catalogue.read((db) => selectUserByEmail(db, normalEmail(email)));
        if (user !== undefined && wants(kind, user, clock.now())) send(kind, user, base);
      });
    },

    /** Sends a new account its first letter, in the background; what cannot be sent waits for the desk. */
    welcome(userId: string, { required, base }: { required: boolean; base: string }): void {
      const user = catalogue.read((db) => selectUser(db, userId));
      if (user === undefined || user.emailVerified) return;
      // Without a mail server nobody misses a letter that nothing depends on.
      if (mail !== undefined || required) send('verify_email', user, base);
    },

    /** Returns the letters that wait for the owner, the newest first. */
    list: (): WaitingLetter[] => {
      const oldest = new Date(clock.now().getTime() - KEEP_MS);
      return catalogue.read(selectLetters).filter(({ requestedAt }) => requestedAt >= oldest);
    },

    /**
     * Takes a letter and returns its link, good once: it is shown this one time. It leads where the person asked for it, to
     * `base` when nobody knows. Throws not_found.
     */
    openLetter(letterId: string, base: string): { url: string; expiresAt: Date } {
      return catalogue.write({}, (db) => {
        const letter = takeLetter(db, letterId);
        if (letter === undefined) throw notFound('letter', letterId);
        const { url, expiresAt } = makeLink(db, letter, letter.linkBase ?? base);
        return { url, expiresAt };
      });
    },

    /** Takes a letter away. Throws not_found. */
    dismiss(letterId: string): void {
      const letter = catalogue.write({}, (db) => takeLetter(db, letterId));
      if (letter === undefined) throw notFound('letter', letterId);
    },

    /** Confirms the address a letter went to. Throws invalid for a link that is not good (any more). */
    verifyEmail(code: string): void {
      catalogue.write({}, (db) => {
        const used = codes.use(db, 'verify_email', code);
        if (used === undefined) throw badLink();
        updateUser(db, used.userId, { emailVerified: true });
        deleteLetter(db, used.userId, 'verify_email');
      });
    },

    /** Gives the account a new password and ends its sessions. Throws invalid for a weak one, then for a bad link. */
    async resetPassword(code: string, password: string): Promise<void> {
      checkPassword(password);
      const passwordHash = await hashPassword(password);
      const now = clock.now();
      catalogue.write({}, (db) => {
        const used = codes.use(db, 'reset_password', code);
        const user = used === undefined ? undefined : selectUser(db, used.userId);
        if (user === undefined || !wants('reset_password', user, now)) throw badLink();
        updateUser(db, user.userId, { passwordHash });
        revokeUserSessions(db, user.userId, now);
        deleteLetter(db, user.userId, 'reset_password');
      });
    },
  };
}

/** Whether a letter of the kind makes sense for the person. */
const wants = (kind: LetterKind, user: UserRow, now: Date): boolean =>
  user.disabledAt === null && !isGone(user, now) && (kind === 'reset_password' || !user.emailVerified);

const badLink = (): AppError =>
  invalid('This link is not good any more: it was used, replaced by a newer one, or is too old.');
