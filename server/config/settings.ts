// What a person can set: one schema for flags, environment and config file.
import { z } from 'zod';
import { LOG_LEVELS } from '../base/log.ts';
import { isTimeZone } from '../base/time-zone.ts';
import { isNetwork } from '../http/forwarded.ts';
import { readLimits } from '../http/rate-limit.ts';

/** How changed files are noticed: by the system's word, by looking every now and then, or not at all. */
const WATCH_MODES = ['auto', 'poll', 'off'] as const;
export const KOSHELF_DIALECTS = ['reference', 'koshelf-2026.7'] as const;

const RATES = 'off, or numbers a minute such as authentication=5,general=100,upload=10,batch=20';
const DAY_SEC = 86_400;
const NETWORK = 'address ranges such as 10.0.0.0/8, each with its prefix length';

const Port = z.coerce
  .number('a whole number')
  .int('a whole number')
  .min(0, '0 or more')
  .max(65_535, 'at most 65535');
const Flag = z.union(
  [z.boolean(), z.enum(['true', 'false', '1', '0']).transform((word) => word === 'true' || word === '1')],
  'true or false',
);
const DAY_TIME = 'a time such as 30s or 1h30m, a day at most, or off';
/** The least reading of a day: seconds, or what KoShelf's own option takes. */
const DayTime = z.preprocess(
  (value) => (typeof value === 'string' ? secondsOf(value) : value),
  z.int(DAY_TIME).min(1, DAY_TIME).max(DAY_SEC, DAY_TIME).nullable(),
);
const DAY_PAGES = 'a number of pages, or off';
const DayPages = z.preprocess(
  (value) => (value === 'off' ? null : typeof value === 'string' && value !== '' ? Number(value) : value),
  z.int(DAY_PAGES).min(1, DAY_PAGES).nullable(),
);
/** A path as somebody writes it. */
export const Path = z.string('a path').trim().min(1, 'a path').max(4096);
/** One range a text, or several with commas between them. */
const Networks = z.preprocess(
  (value) =>
    [value]
      .flat()
      .flatMap((each: unknown) =>
        typeof each === 'string' ? each.split(',').map((part) => part.trim()) : [each],
      )
      .filter((part) => part !== ''),
  z.array(z.string(NETWORK).refine(isNetwork, NETWORK)),
);
const Paths = z.preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(Path));

/** `off`, or some classes with their numbers; the others keep the documented ones. */
const RateLimits = z.unknown().transform((value, context) => {
  const limits = readLimits(value);
  if (limits !== undefined) return limits;
  context.addIssue(RATES);
  return z.NEVER;
});
const Secret = z.string().min(1, 'not empty').max(1024, 'at most 1024 characters');
/** A scheme, a host and perhaps a port: where others find this server. */
const Origin = z
  .url({ protocol: /^https?$/, error: 'an address such as https://books.example.org' })
  .refine(
    (url) => !URL.canParse(url) || new URL(url).href === `${new URL(url).origin}/`,
    'an address without a path',
  )
  .transform((url) => new URL(url).origin);
/** One word a text, or several with commas between them. */
const Words = z.preprocess(
  (value) =>
    [value]
      .flat()
      .flatMap((each: unknown) =>
        typeof each === 'string' ? each.split(',').map((part) => part.trim().toLowerCase()) : [each],
      )
      .filter((part) => part !== ''),
  z.array(z.string().max(255)),
);

/** One address a text, or several with commas between them. */
const Origins = z.preprocess(
  (value) =>
    [value]
      .flat()
      .flatMap((each: unknown) =>
        typeof each === 'string' ? each.split(',').map((part) => part.trim()) : [each],
      )
      .filter((part) => part !== ''),
  z.array(Origin),
);

const BACKUP_SCHEDULES = ['off', 'daily', 'weekly'] as const;
const BackupCount = z.coerce
  .number('a number')
  .int('a whole number')
  .min(1, 'at least 1')
  .max(366, 'at most 366');

/** What a person can set, under the names of the config file. Times of day are the server's zone. */
export const Settings = z.strictObject({
  dataDir: Path,
  host: z.string().trim().min(1).max(255),
  port: Port,
  library: Paths,
  statistics: Paths,
  /** KOReader reads both, beside the books' own folders; every device has its own. */
  docsettings: Paths,
  hashdocsettings: Paths,
  includeUnread: Flag,
  timeZone: z.string().refine(isTimeZone, 'an IANA zone such as Europe/Berlin').optional(),
  dayStart: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time such as 04:00'),
  /** Seconds and pages that make a day of a book one of reading, either of them; null for no such limit. */
  minTimePerDay: DayTime,
  minPagesPerDay: DayPages,
  /** Whether KOReader's own "finished" completes a book whose pages do not show it. */
  finishedMark: Flag,
  /** Whether reading of books that are not in the library counts too. */
  includeAllStats: Flag,
  title: z.string().trim().min(1, 'not empty').max(200, 'at most 200 characters'),
  language: z.string().regex(/^[a-z]{2,3}_[A-Z]{2}$/, 'a language and a country such as de_DE'),
  /** Seconds of a day that are the darkest of the heat map; null for the most there was. */
  heatmapScaleMax: DayTime,
  /** The built web app of KoShelf, to be served at the root. */
  webApp: Path.optional(),
  koshelfDialect: z.enum(KOSHELF_DIALECTS, `one of ${KOSHELF_DIALECTS.join(', ')}`),
  /** Null takes away the one that was kept. */
  koshelfPassword: z
    .string()
    .min(8, 'at least 8 characters')
    .max(1024, 'at most 1024 characters')
    .nullable()
    .optional(),
  /** Files with secrets; - asks for the password in the terminal. */
  koshelfPasswordFile: Path.optional(),
  smtpPasswordFile: Path.optional(),
  googleClientSecretFile: Path.optional(),
  trustedProxies: Networks,
  /** Ranges inside the house that the server may ask for a person: their own metadata server, covers of a neighbour. */
  allowNetworks: Networks,
  publicUrl: Origin.optional(),
  rateLimits: RateLimits,
  requireEmailVerification: Flag,
  resetLinkMinutes: z.coerce
    .number('a number of minutes')
    .int('a whole number of minutes')
    .min(5, 'at least 5 minutes')
    .max(1440, 'at most a day, 1440 minutes'),
  smtpUrl: z
    .url({ protocol: /^smtps?$/, error: 'an address such as smtp://user@mail.example.org:587' })
    .optional(),
  smtpPassword: Secret.optional(),
  mailFrom: z.string().trim().min(3, 'an e-mail address').max(320).optional(),
  googleClientId: z.string().trim().min(1, 'not empty').max(255).optional(),
  googleClientSecret: Secret.optional(),
  googleIssuer: z.url({ protocol: /^https?$/, error: 'an address' }),
  oauthRedirectHosts: Words,
  /** Web apps of other addresses that people may sign in from. */
  webOrigins: Origins,
  oauthRedirectSchemes: Words,
  writeback: Flag,
  watch: z.enum(WATCH_MODES, `one of ${WATCH_MODES.join(', ')}`),
  /** Seconds. */
  pollInterval: z.coerce
    .number('a number of seconds')
    .min(1, 'at least 1 second')
    .max(DAY_SEC, 'at most a day, 86400 seconds'),
  /** Megabytes (1024 × 1024) each person may give to the server. */
  storageQuota: z.coerce
    .number('a number of megabytes')
    .int('a whole number of megabytes')
    .min(1, 'at least 1 megabyte')
    .max(1_000_000_000, 'at most 1000000000 megabytes'),
  backupSchedule: z.enum(BACKUP_SCHEDULES, `one of ${BACKUP_SCHEDULES.join(', ')}`),
  backupTime: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time such as 03:00'),
  keepDailyBackups: BackupCount,
  keepWeeklyBackups: BackupCount,
  logLevel: z.enum(LOG_LEVELS, `one of ${LOG_LEVELS.join(', ')}`),
});

export type Settings = z.output<typeof Settings>;

/** Seconds of "1h30m" and the like, null for off; the text itself when it is none of these. */
function secondsOf(time: string): number | null | string {
  if (/^(off|auto)$/i.test(time.trim())) return null;
  if (!/^\s*(\d+\s*(h|min|m|s)\s*)+$/i.test(time)) return time;
  const seconds: Record<string, number> = { h: 3600, m: 60, min: 60, s: 1 };
  return [...time.toLowerCase().matchAll(/(\d+)\s*(h|min|m|s)/g)].reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * (seconds[unit] ?? 0),
    0,
  );
}
