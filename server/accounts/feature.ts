// Accounts, put together: who people are, how they sign in, the letters they get, and how they leave.
import type { Db } from '../catalogue/db.ts';
import type { Clock } from '../base/clock.ts';
import type { EventBus } from '../base/events.ts';
import type { Log } from '../base/log.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Jobs } from '../jobs/runner.ts';
import type { Outbound } from '../outbound/client.ts';
import type { SecretStore } from '../secrets/secret-store.ts';
import { createBasic } from './basic.ts';
import { createDeletions } from './deletions.ts';
import type { Forget } from './deletions.ts';
import { createDeviceKeys } from './device-keys.ts';
import { createGoogleJourneys } from './google-journeys.ts';
import { createGoogle } from './google-sign-in.ts';
import { createIdentities } from './identities.ts';
import { createKoshelfSessions } from './koshelf-sessions.ts';
import { createLetters } from './letters.ts';
import { createLockout } from './lockout.ts';
import { createMail } from './mail.ts';
import { createMetadataServers } from './metadata-servers.ts';
import { createOneTimeCodes } from './one-time-codes.ts';
import { purgeAccountsWork, purgeWhenDue } from './purge-accounts.ts';
import { createRegistration } from './registration.ts';
import { createStreamTokens } from './stream-tokens.ts';
import { createTokens } from './tokens.ts';
import { createUsers } from './users.ts';

type Ground = {
  options: {
    requireEmailVerification: boolean;
    resetLinkMinutes: number;
    oauthRedirectHosts: readonly string[];
    oauthRedirectSchemes: readonly string[];
    googleIssuer: string;
    googleClientId?: string | undefined;
    googleClientSecret?: string | undefined;
    smtpUrl?: string | undefined;
    smtpPassword?: string | undefined;
    mailFrom?: string | undefined;
  };
  clock: Clock;
  events: EventBus;
  catalogue: Catalogue;
  log: Log;
  secrets: SecretStore;
  outbound: Outbound;
  /** Where others find this server, without a slash at the end. */
  publicUrl: () => string;
  /** How long a token to listen with is good for; as long as usual unless a test says otherwise. */
  streamTokenSec?: number | undefined;
};

type Uses = {
  jobs: Jobs;
  /** What every account has from its beginning. */
  furnish: (db: Db, userId: string, now: Date) => void;
  /** Every feature that keeps something of a person outside the catalogue. */
  forget: () => readonly Forget[];
};

/** How often sessions that are over are forgotten. */
const SESSIONS_MS = 24 * 60 * 60 * 1000;

/** Returns the verbs of accounts. */
export function accountsFeature(ground: Ground, { jobs, furnish, forget }: Uses) {
  const { options, clock, events, catalogue, log, secrets, outbound, publicUrl } = ground;
  const { requireEmailVerification, resetLinkMinutes, smtpUrl } = options;
  const lockout = createLockout({ clock });
  const codes = createOneTimeCodes({ clock });
  const registration = createRegistration({ catalogue, clock });
  const users = createUsers({ catalogue, clock, lockout, requireEmailVerification, furnish, registration });
  const tokens = createTokens({ catalogue, clock, users, secrets });
  const streamTokens = createStreamTokens({ secrets, clock, tokens, lifeSec: ground.streamTokenSec });
  const sessions = createKoshelfSessions({
    catalogue,
    clock,
    onEnded: () => events.emit('sessions-ended', {}),
  });
  const mail =
    smtpUrl === undefined
      ? undefined
      : createMail({ url: smtpUrl, password: options.smtpPassword, from: options.mailFrom });
  const letters = createLetters({ catalogue, clock, log, codes, mail, resetLinkMinutes });
  const identities = createIdentities({ catalogue, clock, users });
  const googleJourneys = createGoogleJourneys({
    catalogue,
    clock,
    google: googleOf(ground),
    users,
    identities,
    codes,
    redirectHosts: () => [new URL(publicUrl()).hostname, ...options.oauthRedirectHosts],
    redirectSchemes: options.oauthRedirectSchemes,
  });
  const metadataServers = createMetadataServers({ catalogue, clock, secrets, outbound, publicUrl });
  const deviceKeys = createDeviceKeys({ catalogue, clock });
  const deletions = createDeletions({ clock, users, tokens, forget });
  return {
    users,
    registration,
    tokens,
    streamTokens,
    sessions,
    letters,
    googleJourneys,
    metadataServers,
    deletions,
    deviceKeys,
    basic: createBasic({ catalogue, clock, users, deviceKeys }),
    requireEmailVerification,

    forgetOwner: metadataServers.forgetOwner,
    missingSecrets: () => metadataServers.missingSecrets(),
    jobs: [purgeAccountsWork({ deletions, jobs })],
    schedule: [
      purgeWhenDue({ deletions, jobs, ownerId: () => users.shelfOwnerId() }),
      { what: 'the forgetting of old sessions', everyMs: SESSIONS_MS, look: () => sessions.forgetExpired() },
    ],
  };
}

function googleOf({ options, clock, publicUrl }: Ground) {
  const { googleIssuer: issuer, googleClientId: clientId, googleClientSecret: clientSecret } = options;
  const callbackUrl = () => `${publicUrl()}/api/v1/auth/oauth/google/callback`;
  return clientId === undefined
    ? undefined
    : createGoogle({ issuer, clientId, clientSecret, callbackUrl, clock });
}
