// The server's options: filled from flags, then the environment, then a config file, then defaults.
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { expandHome } from '../base/home-folder.ts';
import { nearest, OptionsError, readEnvironment, readWords } from './command-line.ts';
import type { Words } from './command-line.ts';
import { helpText } from './help.ts';
import { configFileIn, readConfigFile } from './config-file.ts';
import { withSecretFiles } from './secret-files.ts';
import type { Given } from './settings.ts';
import { SETTING_NAMES, settingNamed, SETTINGS, Settings, variableOf } from './settings.ts';
import { Path } from './value-schemas.ts';

export { OptionsError } from './command-line.ts';

export type ServerOptions = Settings & {
  /** The built desk; without it the server has no pages. */
  rendererDir?: string | undefined;
  /** Where readable log lines go; absent means nowhere. */
  terminal?: NodeJS.WritableStream | undefined;
  /** What flags and variables said of settings that can be changed otherwise. */
  given?: Given | undefined;
};

/** The folder a person's library lives in on this system, unless they choose another. */
function defaultDataDir(env: NodeJS.ProcessEnv = process.env): string {
  if (process.platform === 'win32')
    return join(env.APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'Papyrus Shelf');
  if (process.platform === 'darwin')
    return join(homedir(), 'Library', 'Application Support', 'Papyrus Shelf');
  return join(env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'papyrus-shelf');
}

/** The options when nobody says anything. */
export function defaultOptions(env: NodeJS.ProcessEnv = process.env): ServerOptions {
  const defaults = SETTING_NAMES.flatMap((name) => {
    const value = settingNamed(name)?.default;
    return value === undefined ? [] : [[name, value] as const];
  });
  return Settings.parse({ ...Object.fromEntries(defaults), dataDir: defaultDataDir(env) });
}

export type CommandLine =
  | { command: 'run'; options: ServerOptions }
  | { command: 'ask'; ask: NonNullable<Words['command']>; dataDir: string }
  | { command: 'help'; text: string }
  | { command: 'version' };

/**
 * Reads the command line, the environment (PAPYRUS_SHELF_DATA_DIR …) and config.json of the data folder, in this order
 * of precedence. Throws OptionsError naming what is unknown or wrong.
 */
export function readCommandLine(args: string[], env: NodeJS.ProcessEnv = process.env): CommandLine {
  const words = readWords(args);
  if (words.help === true) return { command: 'help', text: helpText() };
  if (words.version === true) return { command: 'version' };
  const fromFlags = withSecretFiles(words.settings);
  const fromEnv = withSecretFiles(readEnvironment(env));
  const defaults = defaultOptions(env);
  const dataDir = resolve(expandHome(Path.parse(fromFlags.dataDir ?? fromEnv.dataDir ?? defaults.dataDir)));
  if (words.command !== undefined) return { command: 'ask', ask: words.command, dataDir };
  const configFile = configFileIn(dataDir);
  const fromFile = withSecretFiles(contentOf(configFile));
  const options = parseSettings({ ...defaults, ...fromFile, ...fromEnv, ...fromFlags, dataDir }, (secret) => {
    const file = `${secret}File`;
    const isInFile = file in fromFlags || (file in fromEnv && !(secret in words.settings));
    const setting = isInFile ? file : secret;
    const name = SETTING_NAMES.find((each) => each === setting);
    if (name === undefined || !(setting in fromFlags || setting in fromEnv))
      return `${setting} in ${configFile}`;
    return setting in fromFlags ? `--${SETTINGS[name].flag}` : variableOf(name);
  });
  const given = givenBy(fromFlags, fromEnv);
  const absolute = (paths: string[]) => [...new Set(paths.map((path) => resolve(expandHome(path))))];
  return {
    command: 'run',
    options: {
      ...options,
      ...(Object.keys(given).length === 0 ? {} : { given }),
      library: absolute(options.library),
      statistics: absolute(options.statistics),
      docsettings: absolute(options.docsettings),
      hashdocsettings: absolute(options.hashdocsettings),
      ...(options.webApp === undefined ? {} : { webApp: resolve(options.webApp) }),
    },
  };
}

/** Who says what the desk could change, flags before variables. */
const givenBy = (fromFlags: object, fromEnv: object): Given =>
  Object.fromEntries(
    SETTING_NAMES.flatMap((name) => {
      if (settingNamed(name)?.desk === undefined) return [];
      if (name in fromFlags) return [[name, `--${SETTINGS[name].flag}`]];
      return name in fromEnv ? [[name, variableOf(name)]] : [];
    }),
  );

function contentOf(path: string): Record<string, unknown> {
  try {
    return readConfigFile(path);
  } catch (error) {
    throw new OptionsError(`The configuration file ${path} cannot be read as JSON.`, { cause: error });
  }
}

/** Checks what was set; `nameOf` says who set it. Throws OptionsError. */
function parseSettings(settings: Record<string, unknown>, nameOf: (setting: string) => string): Settings {
  const result = Settings.safeParse(settings);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue?.code === 'unrecognized_keys') {
    const near = issue.keys.length === 1 ? nearest(issue.keys[0]!, Object.keys(Settings.shape)) : undefined;
    throw new OptionsError(
      `The configuration file has an unknown setting: ${issue.keys.join(', ')}.${near === undefined ? '' : ` Did you mean ${near}?`}`,
    );
  }
  throw new OptionsError(
    `${nameOf(String(issue?.path[0]))} has a wrong value; it should be ${issue?.message ?? 'something else'}.`,
  );
}
