// Who a person is at Google, and which account that is here.
import type { Db } from '../catalogue/db.ts';
import type { AppError } from '../base/errors.ts';
import { conflict } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { deleteIdentity, insertIdentity, selectIdentity } from './identities.queries.ts';
import { isGone, normalEmail } from './users.ts';
import type { Users } from './users.ts';
import { selectUser, selectUserByEmail } from './users.queries.ts';

/** What Google says of a person; `subject` lasts, everything else may change. */
export type GoogleProfile = {
  subject: string;
  email: string | undefined;
  emailVerified: boolean;
  name: string | undefined;
  picture: string | undefined;
};

/** What happens when somebody has an account under the address already. */
export type KnownAddress = 'refuse' | 'link-if-both-verified';

export type Identities = ReturnType<typeof createIdentities>;

/** Returns the verbs of identities. */
export function createIdentities(parts: { catalogue: Catalogue; clock: Clock; users: Pick<Users, 'add'> }) {
  const { catalogue, clock, users } = parts;
  /** The account of an identity; an account that is gone has none any more. */
  function find(db: Db, subject: string): string | undefined {
    const identity = selectIdentity(db, subject);
    const user = identity === undefined ? undefined : selectUser(db, identity.userId);
    if (user !== undefined && !isGone(user, clock.now())) return user.userId;
    if (identity !== undefined) deleteIdentity(db, subject);
    return undefined;
  }

  return {
    /**
     * Returns the account of the person, a new one for somebody new. Throws conflict with the code account_exists when
     * the address has an account that is not theirs by this identity, forbidden with the code registration_closed for
     * somebody new who may not register.
     */
    accountFor(profile: GoogleProfile, known: KnownAddress): string {
      const now = clock.now();
      return catalogue.write({}, (db) => {
        const own = find(db, profile.subject);
        if (own !== undefined) return own;
        const email = profile.email === undefined ? null : normalEmail(profile.email);
        const namesake = email === null ? undefined : selectUserByEmail(db, email);
        const link = { subject: profile.subject, email, linkedAt: now };
        if (namesake !== undefined && !isGone(namesake, now)) {
          const isSure = profile.emailVerified && namesake.emailVerified;
          if (known === 'refuse' || !isSure) throw accountExists();
          insertIdentity(db, { ...link, userId: namesake.userId });
          return namesake.userId;
        }
        const userId = users.add(
          db,
          {
            email,
            displayName: (profile.name?.trim() || email?.split('@')[0] || 'Reader').slice(0, 100),
            avatarUrl:
              profile.picture?.startsWith('https://') === true ? profile.picture.slice(0, 2048) : null,
            emailVerified: profile.emailVerified,
          },
          now,
        );
        insertIdentity(db, { ...link, userId });
        return userId;
      });
    },

    /** Makes the identity a way into the account; fine when it is one. Throws conflict when it is into another. */
    link(userId: string, { subject, email }: Pick<GoogleProfile, 'subject' | 'email'>): void {
      catalogue.write({}, (db) => {
        const owner = find(db, subject);
        if (owner === userId) return;
        if (owner !== undefined) throw conflict('This Google account belongs to another account here.');
        insertIdentity(db, {
          subject,
          userId,
          email: email === undefined ? null : normalEmail(email),
          linkedAt: clock.now(),
        });
      });
    },
  };
}

const accountExists = (): AppError =>
  conflict(
    'There is already an account with this e-mail address. Sign in with its password and link Google there.',
    {
      code: 'account_exists',
    },
  );
