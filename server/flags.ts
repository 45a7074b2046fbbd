// The words of the command line and of the environment for what a person can set, and the page that lists them.
import { parseArgs } from 'node:util';
import { LOG_LEVELS } from './base/log.ts';
import { KOSHELF_DIALECTS } from './settings.ts';
import type { Settings } from './settings.ts';

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
  docsettings: {
    setting: 'docsettings',
    value: 'DIR',
    help: "KOReader's docsettings folder; may be given several times, one for each device",
  },
  hashdocsettings: {
    setting: 'hashdocsettings',
    value: 'DIR',
    help: "KOReader's hashdocsettings folder; may be given several times, one for each device",
  },
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
  'web-origins': {
    setting: 'webOrigins',
    value: 'URL',
    help: 'web apps of other addresses people may sign in from; may be given several times',
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
    setting: keyof Settings;
    value?: string;
    canBeTakenAway?: true;
    isSecret?: true;
    help: string;
  }
>;

type FlagName = keyof typeof FLAGS;
const FLAG_NAMES = Object.keys(FLAGS) as FlagName[];
const PATH_LISTS = new Set<string>(['library', 'statistics', 'docsettings', 'hashdocsettings']);
const LISTS = new Set<string>([
  ...PATH_LISTS,
  'trustedProxies',
  'allowNetworks',
  'oauthRedirectHosts',
  'oauthRedirectSchemes',
  'webOrigins',
]);

/** Returns what the words of a command line set, not yet checked. Throws OptionsError for a word it does not know. */
export function readFlags(args: string[]): {
  help?: boolean;
  version?: boolean;
  settings: Record<string, unknown>;
} {
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

/** Returns what the environment sets, not yet checked. */
export function readEnvironment(env: NodeJS.ProcessEnv): Record<string, unknown> {
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

/** Returns the flag that sets this, the setting's own name where none does. */
export const flagOf = (setting: string): string =>
  FLAG_NAMES.find((flag) => FLAGS[flag].setting === setting) ?? setting;

/** Returns the page of --help. */
export function helpText(): string {
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

const variableOf = (name: FlagName) => `PAPYRUS_SHELF_${name.toUpperCase().replaceAll('-', '_')}`;
