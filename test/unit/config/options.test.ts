import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isTimeZone } from '../../../server/base/time-zone.ts';
import { SETTING_GROUPS } from '../../../server/config/setting-row.ts';
import { defaultOptions, OptionsError, readCommandLine } from '../../../server/config/options.ts';
import type { ServerOptions } from '../../../server/config/options.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'shelf-options-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const config = (settings: unknown) => writeFileSync(join(dir, 'config.json'), JSON.stringify(settings));
/** The options of a start in the test's own data folder. */
function options(args: string[] = [], env: NodeJS.ProcessEnv = {}): ServerOptions {
  const line = readCommandLine(['--data-dir', dir, ...args], env);
  if (line.command !== 'run') throw new Error(line.command);
  return line.options;
}
const refusal = (args: string[], env: NodeJS.ProcessEnv = {}): string => {
  try {
    options(args, env);
  } catch (error) {
    expect(error).toBeInstanceOf(OptionsError);
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
};

describe('the data folder', () => {
  it('may be named from the home folder on', () => {
    expect(readCommandLine(['status', '--data-dir', '~/shelf'])).toMatchObject({
      dataDir: join(homedir(), 'shelf'),
    });
  });
});

describe('options nobody gave', () => {
  it('are safe: this computer alone, nothing written back', () => {
    expect(options()).toEqual({ ...defaultOptions(), dataDir: dir });
    expect(options()).toMatchObject({
      host: '127.0.0.1', port: 26_260, library: [], includeUnread: true, dayStart: '00:00', writeback: false, koshelfDialect: 'reference',
    }); // prettier-ignore
  });

  it('put the data folder where the system keeps such things', () => {
    if (process.platform !== 'linux') return;
    const at = (env: NodeJS.ProcessEnv) => {
      const line = readCommandLine([], env);
      return line.command === 'run' ? line.options.dataDir : undefined;
    };
    expect(at({ XDG_DATA_HOME: dir })).toBe(join(dir, 'papyrus-shelf'));
    expect(at({ PAPYRUS_SHELF_DATA_DIR: join(dir, 'mine') })).toBe(join(dir, 'mine'));
  });
});

describe('an option given several ways', () => {
  it('is taken from the flag, then the environment, then the file, then the defaults', () => {
    const env = { PAPYRUS_SHELF_PORT: '2000', PAPYRUS_SHELF_LOG_LEVEL: 'warn' };
    config({ port: 1000, logLevel: 'error', dayStart: '04:00' });
    expect(options(['--port', '3000'], env)).toMatchObject({
      port: 3000,
      logLevel: 'warn',
      dayStart: '04:00',
    });
    expect(options([], env)).toMatchObject({ port: 2000, logLevel: 'warn' });
    expect(options()).toMatchObject({ port: 1000, logLevel: 'error', host: '127.0.0.1' });
  });

  it('replaces a list, never adds to it', () => {
    config({ library: ['/from/file'] });
    expect(options(['--library', '/a', '--library', '/b']).library).toEqual([resolve('/a'), resolve('/b')]);
    expect(options().library).toEqual([resolve('/from/file')]);
    expect(options(['--library', '~/Books', '--library', '~ann/Books']).library).toEqual([
      join(homedir(), 'Books'),
      resolve('~ann/Books'),
    ]);
  });

  it('counts the last of a flag that takes one value', () => {
    expect(options(['--port', '1', '--port=2']).port).toBe(2);
  });

  it('is not there when the environment has it empty', () => {
    expect(options([], { PAPYRUS_SHELF_PORT: '' }).port).toBe(26_260);
  });

  it('reads the file of the folder the flag names, not of the one the environment names', () => {
    const other = join(dir, 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'config.json'), '{"port": 7}');
    config({ port: 8 });
    expect(options([], { PAPYRUS_SHELF_DATA_DIR: other }).port).toBe(8);
  });
});

describe('folders and files', () => {
  it('are made absolute, each once', () => {
    const { library, statistics, docsettings, hashdocsettings } = options([
      '--library', 'books', '--library=./books/', '--library', 'comics', '--statistics', 'a.sqlite3', '--docsettings', 'docs', '--docsettings', 'phone', '--hashdocsettings', 'hash', '--hashdocsettings=./hash',
    ]); // prettier-ignore
    expect(library).toEqual([resolve('books'), resolve('comics')]);
    expect(statistics).toEqual([resolve('a.sqlite3')]);
    expect(docsettings).toEqual([resolve('docs'), resolve('phone')]);
    expect(hashdocsettings).toEqual([resolve('hash')]);
  });

  it('are separated in the environment as PATH is', () => {
    const env = { PAPYRUS_SHELF_LIBRARY: ['/a', '/b b', ''].join(delimiter) };
    expect(options([], env).library).toEqual([resolve('/a'), resolve('/b b')]);
    const devices = { PAPYRUS_SHELF_HASHDOCSETTINGS: ['/a', '/b'].join(delimiter) };
    expect(options([], devices).hashdocsettings).toEqual([resolve('/a'), resolve('/b')]);
  });

  it('may be one or a list in the file', () => {
    config({ library: '/one', statistics: ['/a', '/b'], docsettings: '/docs' });
    expect(options()).toMatchObject({
      library: [resolve('/one')],
      statistics: [resolve('/a'), resolve('/b')],
      docsettings: [resolve('/docs')],
      hashdocsettings: [],
    });
  });
});

describe('switches', () => {
  it('are on by their name and off by --no-', () => {
    expect(options(['--no-include-unread']).includeUnread).toBe(false);
    expect(options(['--no-include-unread', '--include-unread']).includeUnread).toBe(true);
    expect(options(['--writeback']).writeback).toBe(true);
    expect(options(['--writeback', '--no-writeback']).writeback).toBe(false);
  });

  it.each([['false', false], ['0', false], ['true', true], ['1', true]])('are %s in the environment', (word, on) => {
    expect(options([], { PAPYRUS_SHELF_INCLUDE_UNREAD: word }).includeUnread).toBe(on);
  }); // prettier-ignore

  it('take no value', () => {
    expect(refusal(['--writeback=yes'])).toBe('--writeback takes no value.');
  });
});

describe('a wrong option', () => {
  it.each([
    [['--prot', '1'], 'Unknown option --prot. Did you mean --port? See --help.'],
    [['--libary=/b'], 'Unknown option --libary. Did you mean --library? See --help.'],
    [['--no-finish-mark'], 'Unknown option --no-finish-mark. Did you mean --no-finished-mark? See --help.'],
    [['-p', '1'], 'Unknown option -p. See --help.'],
    [['--no-port'], 'Unknown option --no-port. See --help.'],
    [['--no-help'], 'Unknown option --no-help. See --help.'],
    [['--constructor'], 'Unknown option --constructor. See --help.'],
    [['/books'], 'What is "/books"? Folders of books are given with --library DIR.'],
    [
      ['statsu'],
      'What is "statsu"? Did you mean the command status? Folders of books are given with --library DIR.',
    ],
    [['status', 'now'], 'What is "now"? See --help.'],
    [['add-folder'], 'add-folder needs a word more: DIR.'],
    [['--', '/books'], 'There is nothing to say after --.'],
    [['--port'], '--port needs a value: NUMBER.'],
    [['--library', '--port', '1'], '--library needs a value: DIR.'],
    [['--port', 'many'], '--port has a wrong value; it should be a whole number.'],
    [['--port', '1.5'], '--port has a wrong value; it should be a whole number.'],
    [['--port', '70000'], '--port has a wrong value; it should be at most 65535.'],
    [['--port', '-1'], '--port has a wrong value; it should be 0 or more.'],
    [['--day-start', '24:00'], '--day-start has a wrong value; it should be a time such as 04:00.'],
    [
      ['--time-zone', 'Mars/Olympus'],
      '--time-zone has a wrong value; it should be an IANA zone such as Europe/Berlin.',
    ],
    [
      ['--koshelf-dialect', 'french'],
      '--koshelf-dialect has a wrong value; it should be one of reference, koshelf-2026.7.',
    ],
    [
      ['--koshelf-password', 'long enough'],
      '--koshelf-password would be seen by everybody on this computer. Give --koshelf-password-file FILE, or set PAPYRUS_SHELF_KOSHELF_PASSWORD or koshelfPassword in config.json.',
    ],
    [['--koshelf-password-file', '/no/such/file'], 'The file /no/such/file with a secret cannot be read.'],
    [
      ['--trusted-proxies', '10.0.0.1'],
      '--trusted-proxies has a wrong value; it should be address ranges such as 10.0.0.0/8, each with its prefix length.',
    ],
    [['--log-level', 'loud'], '--log-level has a wrong value; it should be one of debug, info, warn, error.'],
    [['--library', ' '], '--library has a wrong value; it should be a path.'],
  ])('%j is named: %s', (args, message) => {
    expect(refusal(args)).toBe(message);
  });

  it('is named where it was said: on the line, in the environment, in the file', () => {
    config({ port: 'z' });
    expect(refusal(['--port', 'x'], { PAPYRUS_SHELF_PORT: 'y' })).toBe(
      '--port has a wrong value; it should be a whole number.',
    );
    expect(refusal([], { PAPYRUS_SHELF_PORT: 'y' })).toBe(
      'PAPYRUS_SHELF_PORT has a wrong value; it should be a whole number.',
    );
    expect(refusal([])).toBe(
      `port in ${join(dir, 'config.json')} has a wrong value; it should be a whole number.`,
    );
    expect(refusal(['--port', '1'], { PAPYRUS_SHELF_WRITEBACK: 'yes' })).toBe(
      'PAPYRUS_SHELF_WRITEBACK has a wrong value; it should be true or false.',
    );
  });

  it.each([
    ['{"prot": 1}', 'The configuration file has an unknown setting: prot. Did you mean port?'],
    ['{"zzz": 1, "yyy": 2}', 'The configuration file has an unknown setting: zzz, yyy.'],
    ['{"port": "x"}', 'config.json has a wrong value; it should be a whole number.'],
    ['{"library": [7]}', 'config.json has a wrong value; it should be a path.'],
    ['not json', 'cannot be read as JSON.'],
    ['[1]', 'cannot be read as JSON.'],
  ])('of the file is named: %s', (text, message) => {
    writeFileSync(join(dir, 'config.json'), text);
    expect(refusal([])).toContain(message);
  });

  it('never shows the password that was wrong', () => {
    expect(refusal(['--koshelf-password', 'hunter2'])).not.toContain('hunter2');
    expect(refusal([], { PAPYRUS_SHELF_KOSHELF_PASSWORD: 'hunter2' })).toBe(
      'PAPYRUS_SHELF_KOSHELF_PASSWORD has a wrong value; it should be at least 8 characters.',
    );
    const file = join(dir, 'password');
    writeFileSync(file, 'hunter2\n');
    expect(refusal(['--koshelf-password-file', file])).toBe(
      '--koshelf-password-file has a wrong value; it should be at least 8 characters.',
    );
  });

  it('takes secrets from files, whoever names them, without the end of their line', () => {
    const [one, other] = [join(dir, 'one'), join(dir, 'other')];
    writeFileSync(one, 'open sesame\r\n');
    writeFileSync(other, ' with spaces \n');
    expect(options(['--koshelf-password-file', one]).koshelfPassword).toBe('open sesame');
    config({ smtpPasswordFile: other });
    const env = {
      PAPYRUS_SHELF_GOOGLE_CLIENT_SECRET_FILE: one,
      PAPYRUS_SHELF_KOSHELF_PASSWORD: 'from outside',
    };
    expect(options(['--koshelf-password-file', one], env)).toMatchObject({
      koshelfPassword: 'open sesame',
      smtpPassword: ' with spaces ',
      googleClientSecret: 'open sesame',
    });
    expect(options([], env).koshelfPassword).toBe('from outside');
    // Asked for in the terminal, later.
    expect(options(['--koshelf-password-file', '-']).koshelfPassword).toBeUndefined();
  });
});

describe('options of the lock', () => {
  it('take proxies one by one or with commas between them, from everywhere', () => {
    const proxies = ['10.0.0.0/8', 'fc00::/7', '192.0.2.1/32'];
    const args = ['--trusted-proxies', '10.0.0.0/8, fc00::/7', '--trusted-proxies', '192.0.2.1/32'];
    expect(options(args).trustedProxies).toEqual(proxies);
    expect(options([], { PAPYRUS_SHELF_TRUSTED_PROXIES: proxies.join(',') }).trustedProxies).toEqual(proxies);
    config({ trustedProxies: proxies });
    expect(options().trustedProxies).toEqual(proxies);
  });

  it('tell no word about the password from taking it away', () => {
    expect(options().koshelfPassword).toBeUndefined();
    expect(options(['--no-koshelf-password']).koshelfPassword).toBeNull();
    const env = { PAPYRUS_SHELF_KOSHELF_PASSWORD: 'open sesame' };
    expect(options([], env).koshelfPassword).toBe('open sesame');
    expect(options(['--no-koshelf-password'], env).koshelfPassword).toBeNull();
    expect(refusal(['--no-koshelf-password=x'])).toBe('--no-koshelf-password takes no value.');
  });
});

describe('options of how reading is counted', () => {
  it('are half a minute a day, any number of pages, and the word of KOReader', () => {
    const { minTimePerDay, minPagesPerDay, finishedMark } = options();
    expect([minTimePerDay, minPagesPerDay, finishedMark]).toEqual([30, null, true]);
  });

  it.each([
    ['30s', 30],
    ['45min', 2700],
    ['2m', 120],
    ['1h30m', 5400],
    ['1H 30Min', 5400],
    ['24h', 86_400],
    ['off', null],
    ['Auto', null],
  ])('take %s for a time', (time, seconds) => {
    expect(options(['--min-time-per-day', time]).minTimePerDay).toBe(seconds);
    expect(options([], { PAPYRUS_SHELF_MIN_TIME_PER_DAY: time }).minTimePerDay).toBe(seconds);
    config({ minTimePerDay: time });
    expect(options().minTimePerDay).toBe(seconds);
  });

  it.each(['0s', '25h', '30', 'soon', '1h soon', '', '-5s', '9999999999999999999h'])(
    'take no %j for one',
    (time) => {
      expect(refusal([`--min-time-per-day=${time}`])).toBe(
        '--min-time-per-day has a wrong value; it should be a time such as 30s or 1h30m, a day at most, or off.',
      );
    },
  );

  it('take pages as a number, and off', () => {
    expect(options(['--min-pages-per-day', '8']).minPagesPerDay).toBe(8);
    config({ minPagesPerDay: 8, minTimePerDay: null, finishedMark: false });
    const { minTimePerDay, minPagesPerDay, finishedMark } = options();
    expect([minTimePerDay, minPagesPerDay, finishedMark]).toEqual([null, 8, false]);
    expect(options(['--min-pages-per-day', 'off', '--finished-mark'])).toMatchObject({
      minPagesPerDay: null,
      finishedMark: true,
    });
    for (const pages of ['0', '-1', '1.5', 'many', ' '])
      expect(refusal([`--min-pages-per-day=${pages}`])).toBe(
        '--min-pages-per-day has a wrong value; it should be a number of pages, or off.',
      );
  });
});

describe('the other commands', () => {
  it('--help shows every flag and what its value is', () => {
    const line = readCommandLine(['--help', '--port', 'nonsense']);
    const text = line.command === 'help' ? line.text : '';
    for (const flag of [
      '--data-dir DIR',
      '--library DIR',
      '--port NUMBER',
      '--no-include-unread',
      '--headless',
      '--version',
    ])
      expect(text).toContain(flag);
  });

  it('-h is --help', () => {
    expect(readCommandLine(['-h'])).toEqual(readCommandLine(['--help']));
  });

  it('--help groups the flags and keeps within 100 columns', () => {
    const line = readCommandLine(['-h']);
    const lines = (line.command === 'help' ? line.text : '').split('\n');
    expect(lines.filter((each) => each.length > 100)).toEqual([]);
    expect(lines.filter((each) => /^[A-Z][^.]*:$/.test(each))).toEqual([
      'Commands:',
      ...Object.values(SETTING_GROUPS).map((group) => `${group}:`),
    ]);
  });

  it('ask the server that runs on the data folder', () => {
    expect(readCommandLine(['add-folder', '/books', '--data-dir', dir])).toEqual({
      command: 'ask',
      ask: { name: 'add-folder', operand: '/books' },
      dataDir: resolve(dir),
    });
    expect(readCommandLine(['--data-dir', dir, 'status'])).toEqual({
      command: 'ask',
      ask: { name: 'status' },
      dataDir: resolve(dir),
    });
  });

  it('--version asks for the version', () => {
    expect(readCommandLine(['--version'])).toEqual({ command: 'version' });
  });

  it('--headless is a word of the start script and means nothing here', () => {
    expect(options(['--headless'])).toEqual(options());
  });
});

describe('a zone of the time zone database', () => {
  it('is told from what is none', () => {
    expect(['Europe/Berlin', 'UTC', 'Mars/Olympus', '', 'Europe/../UTC'].map(isTimeZone)).toEqual([true, true, false, false, false]); // prettier-ignore
  });
});

describe('limits', () => {
  it('are given as off, or as some of the classes', () => {
    const { rateLimits } = defaultOptions();
    const off = { authentication: null, general: null, upload: null, batch: null };
    expect(options().rateLimits).toEqual({ authentication: 5, general: 100, upload: 10, batch: 20 });
    expect(options(['--rate-limits', 'off']).rateLimits).toEqual(off);
    const some = { ...rateLimits, upload: 60, general: null };
    expect(options(['--rate-limits', 'upload=60, general=off']).rateLimits).toEqual(some);
    config({ rateLimits: { upload: 60, general: 'off' } });
    expect(options().rateLimits).toEqual(some);
  });

  it.each(['none', 'upload', 'upload=0', 'upload=-1', 'upload=x', 'uploads=5', 'upload=5=6,'])(
    'are not %j',
    (value) => {
      expect(refusal(['--rate-limits', value])).toContain('authentication=5,general=100,upload=10,batch=20');
    },
  );
});

describe('a secret', () => {
  it('comes from the environment or the file, never from the command line', () => {
    expect(options([], { PAPYRUS_SHELF_SMTP_PASSWORD: 'of mail' }).smtpPassword).toBe('of mail');
    config({ googleClientSecret: 'of google' });
    expect(options().googleClientSecret).toBe('of google');
    expect(refusal(['--smtp-password', 'of mail'])).toBe(
      '--smtp-password would be seen by everybody on this computer. Give --smtp-password-file FILE, or set PAPYRUS_SHELF_SMTP_PASSWORD or smtpPassword in config.json.',
    );
    const help = readCommandLine(['--help']);
    expect(help).toMatchObject({
      command: 'help',
      text: expect.not.stringContaining('--smtp-password WORDS'),
    });
    expect(help).toMatchObject({ text: expect.stringContaining('PAPYRUS_SHELF_SMTP_PASSWORD') });
  });
});

describe('the address others find the server at', () => {
  it('is a scheme and a host', () => {
    expect(options(['--public-url', 'https://Books.example.org/']).publicUrl).toBe(
      'https://books.example.org',
    );
    for (const wrong of [
      'books.example.org',
      'ftp://books.example.org',
      'https://a.org/b',
      'https://a.org?b',
      'https://u@a.org',
    ])
      expect(refusal(['--public-url', wrong])).toContain('--public-url has a wrong value');
  });
});
