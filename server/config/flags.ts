// The words for what a person can set, on the command line and in the environment: one row a flag.
import { LOG_LEVELS } from '../base/log.ts';
import { KOSHELF_DIALECTS } from './settings.ts';
import type { Settings } from './settings.ts';

/** What `--help` shows together, in its order. */
export const FLAG_GROUPS = {
  library: 'Your books',
  koreader: "KOReader's files",
  reading: 'How reading is counted',
  network: 'The network',
  koshelf: 'The KoShelf API',
  accounts: 'Accounts, letters and sign-in',
  backups: 'Backups',
  running: 'While it runs',
} as const;

/** Flags in the order `--help` shows those of a group. */
export const FLAGS = {
  'data-dir': {
    group: 'library',
    setting: 'dataDir',
    value: 'DIR',
    help: 'where the library file, covers and logs are kept',
  },
  host: {
    group: 'network',
    setting: 'host',
    value: 'NAME',
    help: 'address to listen on (127.0.0.1); beyond this computer only with a KoShelf password',
  },
  port: { group: 'network', setting: 'port', value: 'NUMBER', help: 'port to listen on (26260)' },
  library: {
    group: 'library',
    setting: 'library',
    value: 'DIR',
    help: 'a folder of books; may be given several times',
  },
  statistics: {
    group: 'koreader',
    setting: 'statistics',
    value: 'FILE',
    help: "KOReader's statistics.sqlite3; may be given several times",
  },
  docsettings: {
    group: 'koreader',
    setting: 'docsettings',
    value: 'DIR',
    help: "KOReader's docsettings folder; may be given several times, one for each device",
  },
  hashdocsettings: {
    group: 'koreader',
    setting: 'hashdocsettings',
    value: 'DIR',
    help: "KOReader's hashdocsettings folder; may be given several times, one for each device",
  },
  'include-unread': {
    group: 'library',
    setting: 'includeUnread',
    help: 'show books KOReader never opened in the KoShelf API (default; --no-include-unread hides them)',
  },
  'time-zone': {
    group: 'reading',
    setting: 'timeZone',
    value: 'ZONE',
    help: "IANA zone of your reading days (this computer's)",
  },
  'day-start': {
    group: 'reading',
    setting: 'dayStart',
    value: 'HH:MM',
    help: 'when a reading day starts (00:00)',
  },
  'min-time-per-day': {
    group: 'reading',
    setting: 'minTimePerDay',
    value: 'TIME',
    help: 'days with less reading of a book do not count (30s), off for all of them',
  },
  'min-pages-per-day': {
    group: 'reading',
    setting: 'minPagesPerDay',
    value: 'NUMBER',
    help: 'days with fewer pages of a book do not count, unless they have the time (off)',
  },
  'finished-mark': {
    group: 'reading',
    setting: 'finishedMark',
    help: 'a book marked finished in KOReader is completed (default; --no-finished-mark asks its pages alone)',
  },
  'include-all-stats': {
    group: 'reading',
    setting: 'includeAllStats',
    help: 'count reading of books that are not in the library too (default; --no-include-all-stats leaves it out)',
  },
  'heatmap-scale-max': {
    group: 'reading',
    setting: 'heatmapScaleMax',
    value: 'TIME',
    help: 'reading of a day that is the darkest in the heat map (2h), off for the most of any day',
  },
  'web-app': {
    group: 'koshelf',
    setting: 'webApp',
    value: 'DIR',
    help: "a folder with KoShelf's built web app, served at / of this server",
  },
  title: {
    group: 'koshelf',
    setting: 'title',
    value: 'WORDS',
    help: 'what the library is called in the web app (Papyrus Shelf)',
  },
  language: {
    group: 'koshelf',
    setting: 'language',
    value: 'LANGUAGE',
    help: 'language of the web app, such as de_DE (en_US)',
  },
  'koshelf-dialect': {
    group: 'koshelf',
    setting: 'koshelfDialect',
    value: 'NAME',
    help: `shapes of the KoShelf API: ${KOSHELF_DIALECTS.join(' or ')}`,
  },
  'koshelf-password': {
    group: 'koshelf',
    setting: 'koshelfPassword',
    isSecret: true,
    value: 'WORDS',
    canBeTakenAway: true,
    help: 'the password of the KoShelf API',
  },
  'koshelf-password-file': {
    group: 'koshelf',
    setting: 'koshelfPasswordFile',
    value: 'FILE',
    help: 'a file with the password the KoShelf API asks for from now on, - to type it here; --no-koshelf-password for none',
  },
  'trusted-proxies': {
    group: 'network',
    setting: 'trustedProxies',
    value: 'CIDR',
    help: 'proxies whose word on who asks is taken, such as 10.0.0.0/8; may be given several times',
  },
  'allow-networks': {
    group: 'network',
    setting: 'allowNetworks',
    value: 'CIDR',
    help: 'ranges inside your network the server may fetch covers and metadata from; may be given several times',
  },
  'public-url': {
    group: 'network',
    setting: 'publicUrl',
    value: 'URL',
    help: 'where others find this server, for links in letters and answers',
  },
  'rate-limits': {
    group: 'network',
    setting: 'rateLimits',
    value: 'LIMITS',
    help: 'requests a minute: authentication=5,general=100,upload=10,batch=20, or off',
  },
  'require-email-verification': {
    group: 'accounts',
    setting: 'requireEmailVerification',
    help: 'new accounts sign in only after they confirmed their e-mail address',
  },
  'reset-link-minutes': {
    group: 'accounts',
    setting: 'resetLinkMinutes',
    value: 'MINUTES',
    help: 'how long a link for a new password is good (60)',
  },
  'smtp-url': {
    group: 'accounts',
    setting: 'smtpUrl',
    value: 'URL',
    help: 'mail server for letters, such as smtp://user@mail.example.org:587; without one the desk shows their links',
  },
  'smtp-password': {
    group: 'accounts',
    setting: 'smtpPassword',
    isSecret: true,
    value: 'WORDS',
    help: 'its password',
  },
  'smtp-password-file': {
    group: 'accounts',
    setting: 'smtpPasswordFile',
    value: 'FILE',
    help: 'a file with the password of the mail server',
  },
  'mail-from': { group: 'accounts', setting: 'mailFrom', value: 'ADDRESS', help: 'who the letters are from' },
  'google-client-id': {
    group: 'accounts',
    setting: 'googleClientId',
    value: 'ID',
    help: "this server's name at Google, for sign-in with Google",
  },
  'google-client-secret': {
    group: 'accounts',
    setting: 'googleClientSecret',
    isSecret: true,
    value: 'WORDS',
    help: 'its secret',
  },
  'google-client-secret-file': {
    group: 'accounts',
    setting: 'googleClientSecretFile',
    value: 'FILE',
    help: 'a file with its secret',
  },
  'google-issuer': {
    group: 'accounts',
    setting: 'googleIssuer',
    value: 'URL',
    help: 'who answers for Google (https://accounts.google.com)',
  },
  'oauth-redirect-hosts': {
    group: 'accounts',
    setting: 'oauthRedirectHosts',
    value: 'HOST',
    help: 'hosts a sign-in with Google may return to, besides this computer and --public-url; may be given several times',
  },
  'oauth-redirect-schemes': {
    group: 'accounts',
    setting: 'oauthRedirectSchemes',
    value: 'SCHEME',
    help: 'schemes of apps a sign-in with Google may return to (papyrus)',
  },
  'web-origins': {
    group: 'accounts',
    setting: 'webOrigins',
    value: 'URL',
    help: 'web apps of other addresses people may sign in from; may be given several times',
  },
  writeback: { group: 'koreader', setting: 'writeback', help: "allow changes to KOReader's files" },
  watch: {
    group: 'library',
    setting: 'watch',
    value: 'MODE',
    help: 'how changed files are noticed: auto (default), poll or off',
  },
  'poll-interval': {
    group: 'library',
    setting: 'pollInterval',
    value: 'SECONDS',
    help: 'time between looks where folders cannot be watched (60)',
  },
  'storage-quota': {
    group: 'library',
    setting: 'storageQuota',
    value: 'MB',
    help: 'room for the files each person gives to the server (1024)',
  },
  'backup-schedule': {
    group: 'backups',
    setting: 'backupSchedule',
    value: 'WHEN',
    help: 'how often the library file is backed up: daily (default), weekly or off',
  },
  'backup-time': {
    group: 'backups',
    setting: 'backupTime',
    value: 'HH:MM',
    help: 'when that is done (03:00), or as soon as the server runs again',
  },
  'keep-daily-backups': {
    group: 'backups',
    setting: 'keepDailyBackups',
    value: 'NUMBER',
    help: 'days whose newest backup is kept (7)',
  },
  'keep-weekly-backups': {
    group: 'backups',
    setting: 'keepWeeklyBackups',
    value: 'NUMBER',
    help: 'weeks whose newest backup is kept (4)',
  },
  'log-level': {
    group: 'running',
    setting: 'logLevel',
    value: 'LEVEL',
    help: `${LOG_LEVELS.join(', ')} (info)`,
  },
} as const satisfies Record<
  string,
  {
    setting: keyof Settings;
    group: keyof typeof FLAG_GROUPS;
    value?: string;
    canBeTakenAway?: true;
    isSecret?: true;
    help: string;
  }
>;

export type FlagName = keyof typeof FLAGS;
export const FLAG_NAMES = Object.keys(FLAGS) as FlagName[];

/** Returns the flag that sets this, undefined where none does. */
export const flagOf = (setting: string): FlagName | undefined =>
  FLAG_NAMES.find((flag) => FLAGS[flag].setting === setting);

/** Returns the variable of the environment that stands for a flag. */
export const variableOf = (name: FlagName): string =>
  `PAPYRUS_SHELF_${name.toUpperCase().replaceAll('-', '_')}`;
