// The server's options: one schema, filled from flags, then the environment, then a config file, then defaults.
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { LOG_LEVELS } from './base/log.ts';
import { isTimeZone } from './base/time-zone.ts';
import { isNetwork } from './http/forwarded.ts';
import { DEFAULT_LIMITS, readLimits } from './http/rate-limit.ts';

/** How changed files are noticed: by the system's word, by looking every now and then, or not at all. */
export const WATCH_MODES = ['auto', 'poll', 'off'] as const;
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
const Path = z.string('a path').trim().min(1, 'a path').max(4096);
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

const BACKUP_SCHEDULES = ['off', 'daily', 'weekly'] as const;
const BackupCount = z.coerce
  .number('a number')
  .int('a whole number')
  .min(1, 'at least 1')
  .max(366, 'at most 366');

/** What a person can set, under the names of the config file. Times of day are the server's zone. */
const Settings = z.strictObject({
  dataDir: Path,
  host: z.string().trim().min(1).max(255),
  port: Port,
  library: Paths,
  statistics: Paths,
  docsettings: Path.optional(),
  hashdocsettings: Path.optional(),
  includeUnread: Flag,
  timeZone: z.string().refine(isTimeZone, 'an IANA zone such as Europe/Berlin').optional(),
  dayStart: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time such as 04:00'),
  /** Seconds and pages that make a day of a book one of reading, either of them; null for no such limit. */
  minTimePerDay: DayTime,
  minPagesPerDay: DayPages,
  /** Whether KOReader's own "finished" completes a book whose pages do not show it. */
  finishedMark: Flag,
  koshelfDialect: z.enum(KOSHELF_DIALECTS, `one of ${KOSHELF_DIALECTS.join(', ')}`),
  /** Null takes away the one that was kept. */
  koshelfPassword: z
    .string()
    .min(8, 'at least 8 characters')
    .max(1024, 'at most 1024 characters')
    .nullable()
    .optional(),
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

export type ServerOptions = z.output<typeof Settings> & {
  /** The built desk; without it the server has no pages. */
  rendererDir?: string | undefined;
  /** Where readable log lines go; absent means nowhere. */
  terminal?: NodeJS.WritableStream | undefined;
};

/** A wrong option, in words for the terminal. */
export class OptionsError extends Error {}

/** Flags in the order `--help` shows them. */
const FLAGS = {
  'data-dir': { setting: 'dataDir', value: 'DIR', help: 'where the library file, covers and logs are kept' },
  host: {
    setting: 'host',
    value: 'NAME',
    help: 'address to listen on (127.0.0.1); beyond this computer only with a KoShelf password',
  },
  port: { setting: 'port', value: 'NUMBER', help: 'port to listen on (26260)' },
  library: { setting: 'library', value: 'DIR', help: 'a folder of books; may be given several times' },
  statistics: {
    setting: 'statistics',
    value: 'FILE',
    help: "KOReader's statistics.sqlite3; may be given several times",
  },
  docsettings: { setting: 'docsettings', value: 'DIR', help: "KOReader's docsettings folder" },
  hashdocsettings: { setting: 'hashdocsettings', value: 'DIR', help: "KOReader's hashdocsettings folder" },
  'include-unread': {
    setting: 'includeUnread',
    help: 'show books KOReader never opened in the KoShelf API (default; --no-include-unread hides them)',
  },
  'time-zone': {
    setting: 'timeZone',
    value: 'ZONE',
    help: "IANA zone of your reading days (this computer's)",
  },
  'day-start': { setting: 'dayStart', value: 'HH:MM', help: 'when a reading day starts (00:00)' },
  'min-time-per-day': {
    setting: 'minTimePerDay',
    value: 'TIME',
    help: 'days with less reading of a book do not count (30s), off for all of them',
  },
  'min-pages-per-day': {
    setting: 'minPagesPerDay',
    value: 'NUMBER',
    help: 'days with fewer pages of a book do not count, unless they have the time (off)',
  },
  'finished-mark': {
    setting: 'finishedMark',
    help: 'a book marked finished in KOReader is completed (default; --no-finished-mark asks its pages alone)',
  },
  'koshelf-dialect': {
    setting: 'koshelfDialect',
    value: 'NAME',
    help: `shapes of the KoShelf API: ${KOSHELF_DIALECTS.join(' or ')}`,
  },
  'koshelf-password': {
    setting: 'koshelfPassword',
    value: 'WORDS',
    canBeTakenAway: true,
    help: 'ask for this password in the KoShelf API from now on, --no-koshelf-password for none',
  },
  'trusted-proxies': {
    setting: 'trustedProxies',
    value: 'CIDR',
    help: 'proxies whose word on who asks is taken, such as 10.0.0.0/8; may be given several times',
  },
  'allow-networks': {
    setting: 'allowNetworks',
    value: 'CIDR',
    help: 'ranges inside your network the server may fetch covers and metadata from; may be given several times',
  },
  'public-url': {
    setting: 'publicUrl',
    value: 'URL',
    help: 'where others find this server, for links in letters and answers',
  },
  'rate-limits': {
    setting: 'rateLimits',
    value: 'LIMITS',
    help: 'requests a minute: authentication=5,general=100,upload=10,batch=20, or off',
  },
  'require-email-verification': {
    setting: 'requireEmailVerification',
    help: 'new accounts sign in only after they confirmed their e-mail address',
  },
  'reset-link-minutes': {
    setting: 'resetLinkMinutes',
    value: 'MINUTES',
    help: 'how long a link for a new password is good (60)',
  },
  'smtp-url': {
    setting: 'smtpUrl',
    value: 'URL',
    help: 'mail server for letters, such as smtp://user@mail.example.org:587; without one the desk shows their links',
  },
  'smtp-password': { setting: 'smtpPassword', isSecret: true, value: 'WORDS', help: 'its password' },
  'mail-from': { setting: 'mailFrom', value: 'ADDRESS', help: 'who the letters are from' },
  'google-client-id': {
    setting: 'googleClientId',
    value: 'ID',
    help: "this server's name at Google, for sign-in with Google",
  },
  'google-client-secret': {
    setting: 'googleClientSecret',
    isSecret: true,
    value: 'WORDS',
    help: 'its secret',
  },
  'google-issuer': {
    setting: 'googleIssuer',
    value: 'URL',
    help: 'who answers for Google (https://accounts.google.com)',
  },
  'oauth-redirect-hosts': {
    setting: 'oauthRedirectHosts',
    value: 'HOST',
    help: 'hosts a sign-in with Google may return to, besides this computer and --public-url; may be given several times',
  },
  'oauth-redirect-schemes': {
    setting: 'oauthRedirectSchemes',
    value: 'SCHEME',
    help: 'schemes of apps a sign-in with Google may return to (papyrus)',
  },
  writeback: { setting: 'writeback', help: "allow changes to KOReader's files" },
  watch: {
    setting: 'watch',
    value: 'MODE',
    help: 'how changed files are noticed: auto (default), poll or off',
  },
  'poll-interval': {
    setting: 'pollInterval',
    value: 'SECONDS',
    help: 'time between looks where folders cannot be watched (60)',
  },
  'storage-quota': {
    setting: 'storageQuota',
    value: 'MB',
    help: 'room for the files each person gives to the server (1024)',
  },
  'backup-schedule': {
    setting: 'backupSchedule',
    value: 'WHEN',
    help: 'how often the library file is backed up: daily (default), weekly or off',
  },
  'backup-time': {
    setting: 'backupTime',
    value: 'HH:MM',
    help: 'when that is done (03:00), or as soon as the server runs again',
  },
  'keep-daily-backups': {
    setting: 'keepDailyBackups',
    value: 'NUMBER',
    help: 'days whose newest backup is kept (7)',
  },
  'keep-weekly-backups': {
    setting: 'keepWeeklyBackups',
    value: 'NUMBER',
    help: 'weeks whose newest backup is kept (4)',
  },
  'log-level': { setting: 'logLevel', value: 'LEVEL', help: `${LOG_LEVELS.join(', ')} (info)` },
} as const satisfies Record<
  string,
  {
    setting: keyof z.output<typeof Settings>;
    value?: string;
    canBeTakenAway?: true;
    isSecret?: true;
    help: string;
  }
>;

type FlagName = keyof typeof FLAGS;
const FLAG_NAMES = Object.keys(FLAGS) as FlagName[];
const PATH_LISTS = new Set<string>(['library', 'statistics']);
const LISTS = new Set<string>([
  ...PATH_LISTS,
  'trustedProxies',
  'allowNetworks',
  'oauthRedirectHosts',
  'oauthRedirectSchemes',
]);

/** The folder a person's library lives in on this system, unless they choose another. */
export function defaultDataDir(env: NodeJS.ProcessEnv = process.env): string {
  if (process.platform === 'win32')
    return join(env.APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'Papyrus Shelf');
  if (process.platform === 'darwin')
    return join(homedir(), 'Library', 'Application Support', 'Papyrus Shelf');
  return join(env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'papyrus-shelf');
}

/** The options when nobody says anything. */
export function defaultOptions(env: NodeJS.ProcessEnv = process.env): ServerOptions {
  return {
    dataDir: defaultDataDir(env),
    host: '127.0.0.1',
    port: 26_260,
    library: [],
    statistics: [],
    includeUnread: true,
    dayStart: '00:00',
    minTimePerDay: 30,
    minPagesPerDay: null,
    finishedMark: true,
    koshelfDialect: 'reference',
    trustedProxies: [],
    allowNetworks: [],
    rateLimits: DEFAULT_LIMITS,
    requireEmailVerification: false,
    resetLinkMinutes: 60,
    googleIssuer: 'https://accounts.google.com',
    oauthRedirectHosts: [],
    oauthRedirectSchemes: ['papyrus'],
    writeback: false,
    watch: 'auto',
    pollInterval: 60,
    backupSchedule: 'daily',
    backupTime: '03:00',
    keepDailyBackups: 7,
    keepWeeklyBackups: 4,
    storageQuota: 1024,
    logLevel: 'info',
  };
}

export type CommandLine =
  | { command: 'run'; options: ServerOptions }
  | { command: 'help'; text: string }
  | { command: 'version' };

/**
 * Reads the command line, the environment (PAPYRUS_SHELF_DATA_DIR …) and config.json of the data folder, in this order
 * of precedence. Throws OptionsError naming what is unknown or wrong.
 */
export function readCommandLine(args: string[], env: NodeJS.ProcessEnv = process.env): CommandLine {
  const flags = readFlags(args);
  if (flags.help === true) return { command: 'help', text: helpText() };
  if (flags.version === true) return { command: 'version' };
  const fromEnv = readEnvironment(env);
  const defaults = defaultOptions(env);
  const dataDir = resolve(Path.parse(flags.settings.dataDir ?? fromEnv.dataDir ?? defaults.dataDir));
  const fromFile = readConfigFile(join(dataDir, 'config.json'));
  const options = parseSettings({ ...defaults, ...fromFile, ...fromEnv, ...flags.settings, dataDir });
  if (options.docsettings !== undefined && options.hashdocsettings !== undefined) {
    throw new OptionsError(
      '--docsettings and --hashdocsettings exclude each other: KOReader uses one of them.',
    );
  }
  const absolute = (paths: string[]) => [...new Set(paths.map((path) => resolve(path)))];
  return {
    command: 'run',
    options: {
      ...options,
      library: absolute(options.library),
      statistics: absolute(options.statistics),
      ...(options.docsettings === undefined ? {} : { docsettings: resolve(options.docsettings) }),
      ...(options.hashdocsettings === undefined ? {} : { hashdocsettings: resolve(options.hashdocsettings) }),
    },
  };
}

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

function readFlags(args: string[]): { help?: boolean; version?: boolean; settings: Record<string, unknown> } {
  const config: Record<string, { type: 'string' | 'boolean'; multiple?: boolean }> = {
    help: { type: 'boolean' },
    version: { type: 'boolean' },
    // The start script's own word: this program never has a window.
    headless: { type: 'boolean' },
  };
  for (const name of FLAG_NAMES) {
    config[name] = 'value' in FLAGS[name] ? { type: 'string', multiple: true } : { type: 'boolean' };
  }
  const { tokens } = parseArgs({ args, options: config, strict: false, tokens: true, allowNegative: true });
  const settings: Record<string, unknown> = {};
  const found: { help?: boolean; version?: boolean } = {};
  for (const token of tokens) {
    if (token.kind !== 'option') {
      throw new OptionsError(
        token.kind === 'positional'
          ? `What is "${token.value}"? Folders of books are given with --library DIR.`
          : 'There is nothing to say after --.',
      );
    }
    const negative = token.rawName.startsWith('--no-');
    const name = negative ? token.rawName.slice(5) : token.name;
    if (name === 'headless' && !negative) continue;
    if ((name === 'help' || name === 'version') && !negative) {
      found[name] = true;
      continue;
    }
    const flag = (FLAG_NAMES as string[]).includes(name) ? FLAGS[name as FlagName] : undefined;
    if (flag === undefined || !token.rawName.startsWith('--'))
      throw new OptionsError(`Unknown option ${token.rawName}. See --help.`);
    if ('isSecret' in flag) {
      throw new OptionsError(
        `--${name} would be seen by everybody on this computer. Set ${variableOf(name as FlagName)} or ${flag.setting} in config.json.`,
      );
    }
    if (!('value' in flag)) {
      if (token.value !== undefined) throw new OptionsError(`--${name} takes no value.`);
      settings[flag.setting] = !negative;
    } else if (negative && 'canBeTakenAway' in flag && token.value === undefined) {
      settings[flag.setting] = null;
    } else if (negative) {
      throw new OptionsError(`Unknown option ${token.rawName}. See --help.`);
    } else {
      // parseArgs takes a following flag for the value when it is not strict.
      if (token.value === undefined || (!token.inlineValue && token.value.startsWith('--'))) {
        throw new OptionsError(`--${name} needs a value: ${flag.value}.`);
      }
      settings[flag.setting] = LISTS.has(flag.setting)
        ? [...((settings[flag.setting] as string[] | undefined) ?? []), token.value]
        : token.value;
    }
  }
  return { ...found, settings };
}

function readEnvironment(env: NodeJS.ProcessEnv): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  for (const name of FLAG_NAMES) {
    const value = env[variableOf(name)];
    if (value === undefined || value === '') continue;
    const { setting } = FLAGS[name];
    // Paths are separated as PATH is on this system.
    settings[setting] = PATH_LISTS.has(setting)
      ? value.split(process.platform === 'win32' ? ';' : ':').filter(Boolean)
      : value;
  }
  return settings;
}

const variableOf = (name: FlagName) => `PAPYRUS_SHELF_${name.toUpperCase().replaceAll('-', '_')}`;

function readConfigFile(path: string): Record<string, unknown> {
  if (!existsSync(path)) return {};
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new OptionsError(`The configuration file ${path} cannot be read as JSON.`, { cause: error });
  }
}

function parseSettings(settings: Record<string, unknown>): z.output<typeof Settings> {
  const result = Settings.safeParse(settings);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue?.code === 'unrecognized_keys') {
    throw new OptionsError(`The configuration file has an unknown setting: ${issue.keys.join(', ')}.`);
  }
  const setting = String(issue?.path[0]);
  const name = FLAG_NAMES.find((flag) => FLAGS[flag].setting === setting) ?? setting;
  throw new OptionsError(`--${name} has a wrong value; it should be ${issue?.message ?? 'something else'}.`);
}

function helpText(): string {
  const lines = FLAG_NAMES.filter((name) => !('isSecret' in FLAGS[name])).map((name) => {
    const flag = FLAGS[name];
    const left = `--${name}${'value' in flag ? ` ${flag.value}` : ''}`;
    return `  ${left.padEnd(26)} ${flag.help}`;
  });
  return [
    'Papyrus Shelf: your library on your own computer, for all your devices.',
    '',
    'npm start -- [OPTIONS]',
    '',
    '  --headless                 run without a window',
    ...lines,
    '  --help                     show this',
    '  --version                  show the version',
    '',
    'Each option is also an environment variable (PAPYRUS_SHELF_DATA_DIR …) and a setting in',
    'config.json of the data folder (dataDir …). Flags win over the environment, that over the file.',
    `Secrets are never flags: ${FLAG_NAMES.filter((name) => 'isSecret' in FLAGS[name])
      .map(variableOf)
      .join(', ')}.`,
    '',
  ].join('\n');
}
