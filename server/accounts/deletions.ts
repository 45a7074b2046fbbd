// Saying goodbye: a week to come back, then every trace goes.
import { forbidden } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Bearer, Tokens } from './tokens.ts';
import type { Users } from './users.ts';

/** Who has no password proves who they are by having signed in just now (papyrus.md "People"). */
const RECENT_MS = 10 * 60 * 1000;

/**
 * Called with a person's id before their rows go; what it returns is called afterwards. So a feature can see what lies
 * outside the catalogue while there are rows that name it, and remove what nobody else's rows name.
 */
export type Forget = (ownerId: string) => Promise<void | (() => Promise<void>)>;

export type Deletions = ReturnType<typeof createDeletions>;
type Parts = { clock: Clock; users: Users; tokens: Tokens; forget: () => readonly Forget[] };

/** Returns the verbs of deletion. `forget` names every feature that keeps something outside the catalogue. */
export function createDeletions({ clock, users, tokens, forget }: Parts) {
  return {
    /** Marks the account for deletion and ends its sessions. Throws forbidden for a wrong password, or without one for a sign-in of long ago. */
    async request(bearer: Bearer, proof: { password: string; from: string }): Promise<void> {
      if (users.get(bearer.userId).hasPassword) {
        await users.prove(bearer.userId, proof.password, proof.from);
      } else if (clock.now().getTime() - tokens.signedInAt(bearer).getTime() > RECENT_MS) {
        throw forbidden('Sign in again first: this account has no password to ask for.');
      }
      users.requestDeletion(bearer.userId);
    },

    /** Returns the accounts whose time to come back is over. */
    due: (): string[] => users.gone(),

    /** Removes every trace of a person: files, secrets, rows, the diary. Begun again, it goes on where it was. */
    async purge(userId: string): Promise<void> {
      const afterwards: (() => Promise<void>)[] = [];
      for (const feature of forget()) {
        const rest = await feature(userId);
        if (rest !== undefined) afterwards.push(rest);
      }
      await users.erase(userId);
      for (const rest of afterwards) await rest();
    },
  };
}
