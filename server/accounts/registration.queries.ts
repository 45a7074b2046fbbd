// The SQL of invitations.
import type { Db } from '../catalogue/db.ts';
import { and, asc, eq, gt, lte } from 'drizzle-orm';
import { invitations } from '../catalogue/schema/index.ts';

export type InvitationRow = typeof invitations.$inferSelect;

export const insertInvitation = (db: Db, invitation: typeof invitations.$inferInsert): void => {
  db.insert(invitations).values(invitation).run();
};

/** Those that are good, the first to end first. */
export const selectInvitations = (db: Db, now: Date): InvitationRow[] =>
  db
    .select()
    .from(invitations)
    .where(gt(invitations.expiresAt, now))
    .orderBy(asc(invitations.expiresAt), asc(invitations.invitationId))
    .all();

export const selectInvitation = (db: Db, codeHash: string, now: Date): InvitationRow | undefined =>
  db
    .select()
    .from(invitations)
    .where(and(eq(invitations.codeHash, codeHash), gt(invitations.expiresAt, now)))
    .get();

/** Returns whether there was one. */
export const deleteInvitation = (db: Db, invitationId: string): boolean =>
  db.delete(invitations).where(eq(invitations.invitationId, invitationId)).run().changes === 1;

export const deleteExpiredInvitations = (db: Db, now: Date): void => {
  db.delete(invitations).where(lte(invitations.expiresAt, now)).run();
};
