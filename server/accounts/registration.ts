// Who may have an account on a server that is somebody's: whom the owner invited, or everybody for an hour.
import type { Db } from '../catalogue/db.ts';
import { createHash, randomBytes } from 'node:crypto';
import { forbidden, notFound } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import { newId } from '../base/ids.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import {
  deleteExpiredInvitations,
  deleteInvitation,
  insertInvitation,
  selectInvitation,
  selectInvitations,
} from './registration.queries.ts';
import type { InvitationRow } from './registration.queries.ts';
import { putSetting, selectSetting } from './users.queries.ts';

export type Invitation = Omit<InvitationRow, 'codeHash'>;

const OPEN_SETTING = 'registration_open_until';
const OPEN_MS = 60 * 60 * 1000;
const INVITATION_MS = 7 * 24 * 60 * 60 * 1000;

export type Registration = ReturnType<typeof createRegistration>;

/** Returns the verbs of registration. */
export function createRegistration({ catalogue, clock }: { catalogue: Catalogue; clock: Clock }) {
  const untilIn = (db: Db): Date | undefined => {
    const until = selectSetting(db, OPEN_SETTING);
    const isOpen = typeof until === 'number' && until > clock.now().getTime();
    return isOpen ? new Date(until) : undefined;
  };

  return {
    /** Returns until when everybody may register, undefined while nobody may without an invitation. */
    openUntil: (): Date | undefined => catalogue.read(untilIn),

    /** Lets everybody register for an hour from now. */
    openForAnHour: (): void =>
      catalogue.write({}, (db) => putSetting(db, OPEN_SETTING, clock.now().getTime() + OPEN_MS)),

    /** Closes registration to all but the invited. */
    close: (): void => catalogue.write({}, (db) => putSetting(db, OPEN_SETTING, 0)),

    /** Returns the code of a new invitation, which is good once within a week and is told this one time. */
    invite(): { code: string; expiresAt: Date } {
      const now = clock.now();
      const code = randomBytes(24).toString('base64url');
      const expiresAt = new Date(now.getTime() + INVITATION_MS);
      catalogue.write({}, (db) => {
        deleteExpiredInvitations(db, now);
        insertInvitation(db, { invitationId: newId(now), codeHash: hashOf(code), createdAt: now, expiresAt });
      });
      return { code, expiresAt };
    },

    /** Returns the invitations nobody used yet, the first to end first. */
    invitations: (): Invitation[] =>
      catalogue
        .read((db) => selectInvitations(db, clock.now()))
        .map(({ codeHash: _secret, ...invitation }) => invitation),

    /** Takes an invitation back. Throws not_found. */
    withdraw(invitationId: string): void {
      const wasThere = catalogue.write({}, (db) => deleteInvitation(db, invitationId));
      if (!wasThere) throw notFound('invitation', invitationId);
    },

    /**
     * Returns what uses up the invitation somebody comes with, if they need one. Throws forbidden when they have none that
     * is good and registration is closed.
     */
    admit(db: Db, code: string | undefined): () => void {
      const found = code === undefined ? undefined : selectInvitation(db, hashOf(code), clock.now());
      if (found !== undefined) return () => void deleteInvitation(db, found.invitationId);
      if (untilIn(db) !== undefined) return () => {};
      throw forbidden(
        code === undefined
          ? 'New people come to this server by invitation. Ask its owner for a link.'
          : 'This invitation is not good any more: it was used, taken back, or is too old. Ask for a new one.',
        { code: 'registration_closed' },
      );
    },
  };
}

const hashOf = (code: string) => createHash('sha256').update(code).digest('hex');
