// What a person can set: one row a setting. Flags, the environment, the config file, --help, docs/settings.md and the desk's form
// follow from it.
import { z } from 'zod';
import { LOG_LEVELS } from '../base/log.ts';
import { isTimeZone } from '../base/time-zone.ts';
import { DEFAULT_LIMITS } from '../http/rate-limit.ts';
import { setting } from './setting-row.ts';
import type { SettingRow } from './setting-row.ts';
import {
  BackupCount,
  DAY_SEC,
  DayPages,
  DayTime,
  Flag,
  Networks,
  oneOf,
  Origin,
  Origins,
  Path,
  Paths,
  Port,
  RateLimits,
  Secret,
  timeInWords,
  timeOfDay,
  Words,
} from './value-schemas.ts';

/** How changed files are noticed: by the system's word, by looking every now and then, or not at all. */
const WATCH_MODES = ['auto', 'poll', 'off'] as const;
const BACKUP_SCHEDULES = ['off', 'daily', 'weekly'] as const;
export const KOSHELF_DIALECTS = ['reference', 'koshelf-2026.7'] as const;

/** Every setting under its name in the config file, in the order `--help` shows those of a group. Times of day are the server's zone. */
export const SETTINGS = {
  dataDir: setting({
    flag: 'data-dir',
    group: 'library',
    schema: Path,
    value: 'DIR',
    help: 'where the library file, covers and logs are kept',
  }),
  host: setting({
    flag: 'host',
    group: 'network',
    schema: z.string().trim().min(1).max(255),
    default: '127.0.0.1',
    value: 'NAME',
    help: 'address to listen on (127.0.0.1); beyond this computer only with a KoShelf password',
  }),
  port: setting({
    flag: 'port',
    group: 'network',
    schema: Port,
    default: 26_260,
    value: 'NUMBER',
    help: 'port to listen on (26260)',
  }),
  library: setting({
    flag: 'library',
    group: 'library',
    schema: Paths,
    default: [],
    value: 'DIR',
    list: 'paths',
    help: 'a folder of books; may be given several times',
  }),
  statistics: setting({
    flag: 'statistics',
    group: 'koreader',
    schema: Paths,
    default: [],
    value: 'FILE',
    list: 'paths',
    help: "KOReader's statistics.sqlite3; may be given several times",
  }),
  /** KOReader reads both, beside the books' own folders; every device has its own. */
  docsettings: setting({
    flag: 'docsettings',
    group: 'koreader',
    schema: Paths,
    default: [],
    value: 'DIR',
    list: 'paths',
    help: "KOReader's docsettings folder; may be given several times, one for each device",
  }),
  hashdocsettings: setting({
    flag: 'hashdocsettings',
    group: 'koreader',
    schema: Paths,
    default: [],
    value: 'DIR',
    list: 'paths',
    help: "KOReader's hashdocsettings folder; may be given several times, one for each device",
  }),
  includeUnread: setting({
    flag: 'include-unread',
    group: 'library',
    schema: Flag,
    default: true,
    help: 'show books KOReader never opened in the KoShelf API (default; --no-include-unread hides them)',
  }),
  timeZone: setting({
    flag: 'time-zone',
    group: 'reading',
    schema: z.string().refine(isTimeZone, 'an IANA zone such as Europe/Berlin').optional(),
    value: 'ZONE',
    help: "IANA zone of your reading days (this computer's)",
    desk: {
      label: 'Time zone',
      hint: 'Such as Europe/Berlin; empty for the one of this computer. KOReader’s times are read in it.',
    },
  }),
  dayStart: setting({
    flag: 'day-start',
    group: 'reading',
    schema: timeOfDay('04:00'),
    default: '00:00',
    value: 'HH:MM',
    help: 'when a reading day starts (00:00)',
    desk: { label: 'A day begins at', hint: 'Reading after midnight and before it counts for the evening.' },
  }),
  /** Seconds and pages that make a day of a book one of reading, either of them; null for no such limit. */
  minTimePerDay: setting({
    flag: 'min-time-per-day',
    group: 'reading',
    schema: DayTime,
    default: 30,
    value: 'TIME',
    help: 'days with less reading of a book do not count (30s), off for all of them',
    desk: {
      label: 'Least reading of a day',
      hint: 'Such as 30s or 5m; shorter days of a book do not count. Off for all of them.',
      show: timeInWords,
    },
  }),
  minPagesPerDay: setting({
    flag: 'min-pages-per-day',
    group: 'reading',
    schema: DayPages,
    default: null,
    value: 'NUMBER',
    help: 'days with fewer pages of a book do not count, unless they have the time (off)',
    desk: {
      label: 'Or least pages of a day',
      hint: 'So many pages make a day too, however short it was; or off.',
      show: (pages) => (typeof pages === 'number' ? String(pages) : 'off'),
    },
  }),
  /** Whether KOReader's own "finished" completes a book whose pages do not show it. */
  finishedMark: setting({
    flag: 'finished-mark',
    group: 'reading',
    schema: Flag,
    default: true,
    help: 'a book marked finished in KOReader is completed (default; --no-finished-mark asks its pages alone)',
    desk: { label: '“Finished” in KOReader completes a book', hint: 'Off: only its pages tell.' },
  }),
  /** Whether reading of books that are not in the library counts too. */
  /** Whether a screen's page counts as so many of the book's own, where KOReader made those up from the amount of text. */
  stablePages: setting({
    flag: 'stable-pages',
    group: 'reading',
    schema: Flag,
    default: true,
    help: "count pages by KOReader's stable page numbers where a book has them (default; --no-stable-pages counts the screen's)",
    desk: {
      label: 'Use KOReader’s stable page numbers',
      hint: 'Off: pages are those of the screen they were read on.',
    },
  }),
  includeAllStats: setting({
    flag: 'include-all-stats',
    group: 'reading',
    schema: Flag,
    default: true,
    help: 'count reading of books that are not in the library too (default; --no-include-all-stats leaves it out)',
    desk: {
      label: 'Count books that are not in the library',
      hint: 'Off: only books that are here make days, sessions and years.',
    },
  }),
  /** Seconds of a day that are the darkest of the heat map; null for the most there was. */
  heatmapScaleMax: setting({
    flag: 'heatmap-scale-max',
    group: 'reading',
    schema: DayTime,
    default: 7200,
    value: 'TIME',
    help: 'reading of a day that is the darkest in the heat map (2h), off for the most of any day',
    desk: {
      label: 'Darkest in the heat map',
      hint: 'Reading of a day, such as 2h; off for the most of any day.',
      show: timeInWords,
    },
  }),
  /** The built web app of KoShelf, to be served at the root. */
  webApp: setting({
    flag: 'web-app',
    group: 'koshelf',
    schema: Path.optional(),
    value: 'DIR',
    isPath: true,
    help: "a folder with KoShelf's built web app, served at / of this server",
  }),
  title: setting({
    flag: 'title',
    group: 'koshelf',
    schema: z.string().trim().min(1, 'not empty').max(200, 'at most 200 characters'),
    default: 'Papyrus Shelf',
    value: 'WORDS',
    help: 'what the library is called in the web app (Papyrus Shelf)',
    desk: { label: 'What the library is called', hint: 'In KoShelf’s web app.' },
  }),
  language: setting({
    flag: 'language',
    group: 'koshelf',
    schema: z.string().regex(/^[a-z]{2,3}_[A-Z]{2}$/, 'a language and a country such as de_DE'),
    default: 'en_US',
    value: 'LANGUAGE',
    help: 'language of the web app, such as de_DE (en_US)',
    desk: { label: 'Language of the web app', hint: 'Such as de_DE.' },
  }),
  koshelfDialect: setting({
    flag: 'koshelf-dialect',
    group: 'koshelf',
    schema: oneOf(KOSHELF_DIALECTS),
    default: 'reference',
    value: 'NAME',
    help: `shapes of the KoShelf API: ${KOSHELF_DIALECTS.join(' or ')}`,
  }),
  /** Null takes away the one that was kept. */
  koshelfPassword: setting({
    flag: 'koshelf-password',
    group: 'koshelf',
    schema: z
      .string()
      .min(8, 'at least 8 characters')
      .max(1024, 'at most 1024 characters')
      .nullable()
      .optional(),
    value: 'WORDS',
    isSecret: true,
    canBeTakenAway: true,
    help: 'the password of the KoShelf API',
  }),
  /** - asks for the password in the terminal. */
  koshelfPasswordFile: setting({
    flag: 'koshelf-password-file',
    group: 'koshelf',
    schema: Path.optional(),
    value: 'FILE',
    holds: 'koshelfPassword',
    help: 'a file with the password the KoShelf API asks for from now on, - to type it here; --no-koshelf-password for none',
  }),
  trustedProxies: setting({
    flag: 'trusted-proxies',
    group: 'network',
    schema: Networks,
    default: [],
    value: 'CIDR',
    list: 'words',
    help: 'proxies whose word on who asks is taken, such as 10.0.0.0/8; may be given several times',
  }),
  /** Ranges inside the house that the server may ask for a person: their own metadata server, covers of a neighbour. */
  allowNetworks: setting({
    flag: 'allow-networks',
    group: 'network',
    schema: Networks,
    default: [],
    value: 'CIDR',
    list: 'words',
    help: 'ranges inside your network the server may fetch covers and metadata from; may be given several times',
  }),
  publicUrl: setting({
    flag: 'public-url',
    group: 'network',
    schema: Origin.optional(),
    value: 'URL',
    help: 'where others find this server, for links in letters and answers',
  }),
  rateLimits: setting({
    flag: 'rate-limits',
    group: 'network',
    schema: RateLimits,
    default: DEFAULT_LIMITS,
    value: 'LIMITS',
    help: 'requests a minute: authentication=5,general=100,upload=10,batch=20, or off',
  }),
  requireEmailVerification: setting({
    flag: 'require-email-verification',
    group: 'accounts',
    schema: Flag,
    default: false,
    help: 'new accounts sign in only after they confirmed their e-mail address',
  }),
  resetLinkMinutes: setting({
    flag: 'reset-link-minutes',
    group: 'accounts',
    schema: z.coerce
      .number('a number of minutes')
      .int('a whole number of minutes')
      .min(5, 'at least 5 minutes')
      .max(1440, 'at most a day, 1440 minutes'),
    default: 60,
    value: 'MINUTES',
    help: 'how long a link for a new password is good (60)',
  }),
  smtpUrl: setting({
    flag: 'smtp-url',
    group: 'accounts',
    schema: z
      .url({ protocol: /^smtps?$/, error: 'an address such as smtp://user@mail.example.org:587' })
      .optional(),
    value: 'URL',
    help: 'mail server for letters, such as smtp://user@mail.example.org:587; without one the desk shows their links',
  }),
  smtpPassword: setting({
    flag: 'smtp-password',
    group: 'accounts',
    schema: Secret.optional(),
    value: 'WORDS',
    isSecret: true,
    help: 'its password',
  }),
  smtpPasswordFile: setting({
    flag: 'smtp-password-file',
    group: 'accounts',
    schema: Path.optional(),
    value: 'FILE',
    holds: 'smtpPassword',
    help: 'a file with the password of the mail server',
  }),
  mailFrom: setting({
    flag: 'mail-from',
    group: 'accounts',
    schema: z.string().trim().min(3, 'an e-mail address').max(320).optional(),
    value: 'ADDRESS',
    help: 'who the letters are from',
  }),
  googleClientId: setting({
    flag: 'google-client-id',
    group: 'accounts',
    schema: z.string().trim().min(1, 'not empty').max(255).optional(),
    value: 'ID',
    help: "this server's name at Google, for sign-in with Google",
  }),
  googleClientSecret: setting({
    flag: 'google-client-secret',
    group: 'accounts',
    schema: Secret.optional(),
    value: 'WORDS',
    isSecret: true,
    help: 'its secret',
  }),
  googleClientSecretFile: setting({
    flag: 'google-client-secret-file',
    group: 'accounts',
    schema: Path.optional(),
    value: 'FILE',
    holds: 'googleClientSecret',
    help: 'a file with its secret',
  }),
  googleIssuer: setting({
    flag: 'google-issuer',
    group: 'accounts',
    schema: z.url({ protocol: /^https?$/, error: 'an address' }),
    default: 'https://accounts.google.com',
    value: 'URL',
    help: 'who answers for Google (https://accounts.google.com)',
  }),
  oauthRedirectHosts: setting({
    flag: 'oauth-redirect-hosts',
    group: 'accounts',
    schema: Words,
    default: [],
    value: 'HOST',
    list: 'words',
    help: 'hosts a sign-in with Google may return to, besides this computer and --public-url; may be given several times',
  }),
  oauthRedirectSchemes: setting({
    flag: 'oauth-redirect-schemes',
    group: 'accounts',
    schema: Words,
    default: ['papyrus'],
    value: 'SCHEME',
    list: 'words',
    help: 'schemes of apps a sign-in with Google may return to (papyrus)',
  }),
  /** Web apps of other addresses that people may sign in from. */
  webOrigins: setting({
    flag: 'web-origins',
    group: 'accounts',
    schema: Origins,
    default: [],
    value: 'URL',
    list: 'words',
    help: 'web apps of other addresses people may sign in from; may be given several times',
  }),
  writeback: setting({
    flag: 'writeback',
    group: 'koreader',
    schema: Flag,
    default: false,
    help: "allow changes to KOReader's files",
    desk: {
      label: 'Write changes back to KOReader’s files',
      hint: 'What you change here is written into the sidecars beside your books, and KOReader shows it.',
    },
  }),
  watch: setting({
    flag: 'watch',
    group: 'library',
    schema: oneOf(WATCH_MODES),
    default: 'auto',
    value: 'MODE',
    help: 'how changed files are noticed: auto (default), poll or off',
    desk: {
      label: 'Notice changed files',
      hint: 'auto: as soon as they change; poll: by looking now and then; off: when you look.',
      choices: WATCH_MODES,
    },
  }),
  /** Seconds. */
  pollInterval: setting({
    flag: 'poll-interval',
    group: 'library',
    schema: z.coerce
      .number('a number of seconds')
      .min(1, 'at least 1 second')
      .max(DAY_SEC, 'at most a day, 86400 seconds'),
    default: 60,
    value: 'SECONDS',
    help: 'time between looks where folders cannot be watched (60)',
    desk: { label: 'Seconds between looks', hint: 'Where folders cannot be watched.' },
  }),
  /** Megabytes (1024 × 1024) each person may give to the server. */
  storageQuota: setting({
    flag: 'storage-quota',
    group: 'library',
    schema: z.coerce
      .number('a number of megabytes')
      .int('a whole number of megabytes')
      .min(1, 'at least 1 megabyte')
      .max(1_000_000_000, 'at most 1000000000 megabytes'),
    default: 1024,
    value: 'MB',
    help: 'room for the files each person gives to the server (1024)',
  }),
  backupSchedule: setting({
    flag: 'backup-schedule',
    group: 'backups',
    schema: oneOf(BACKUP_SCHEDULES),
    default: 'daily',
    value: 'WHEN',
    help: 'how often the library file is backed up: daily (default), weekly or off',
    desk: { label: 'Back up the library file', choices: BACKUP_SCHEDULES },
  }),
  backupTime: setting({
    flag: 'backup-time',
    group: 'backups',
    schema: timeOfDay('03:00'),
    default: '03:00',
    value: 'HH:MM',
    help: 'when that is done (03:00), or as soon as the server runs again',
    desk: { label: 'Time of the backup', hint: 'Or as soon as the server runs again.' },
  }),
  keepDailyBackups: setting({
    flag: 'keep-daily-backups',
    group: 'backups',
    schema: BackupCount,
    default: 7,
    value: 'NUMBER',
    help: 'days whose newest backup is kept (7)',
    desk: { label: 'Daily backups kept' },
  }),
  keepWeeklyBackups: setting({
    flag: 'keep-weekly-backups',
    group: 'backups',
    schema: BackupCount,
    default: 4,
    value: 'NUMBER',
    help: 'weeks whose newest backup is kept (4)',
    desk: { label: 'Weekly backups kept' },
  }),
  logLevel: setting({
    flag: 'log-level',
    group: 'running',
    schema: oneOf(LOG_LEVELS),
    default: 'info',
    value: 'LEVEL',
    help: `${LOG_LEVELS.join(', ')} (info)`,
  }),
};

export type SettingName = keyof typeof SETTINGS;

/** Who said a setting so that only they can change it: a flag or a variable, as it is written. */
export type Given = { readonly [Name in SettingName]?: string };

export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];

/** Returns the row of a setting by a name from outside, undefined when there is none. */
export const settingNamed = (name: string): SettingRow | undefined =>
  Object.hasOwn(SETTINGS, name) ? SETTINGS[name as SettingName] : undefined;

/** Every setting at once, under the names of the config file. */
export const Settings = z.strictObject(
  // The entries of an object lose which name has which schema.
  Object.fromEntries(SETTING_NAMES.map((name) => [name, SETTINGS[name].schema])) as {
    [Name in SettingName]: (typeof SETTINGS)[Name]['schema'];
  },
);
export type Settings = z.output<typeof Settings>;

/** Returns the name of the setting a flag sets, undefined where none does. */
export const settingOfFlag = (flag: string): SettingName | undefined =>
  SETTING_NAMES.find((name) => SETTINGS[name].flag === flag);

/** Returns the variable of the environment that stands for a setting. */
export const variableOf = (name: SettingName): string =>
  `PAPYRUS_SHELF_${SETTINGS[name].flag.toUpperCase().replaceAll('-', '_')}`;
