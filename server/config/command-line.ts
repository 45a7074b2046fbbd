// Reads the words of the command line and of the environment, not yet checked.
import { parseArgs } from 'node:util';
import leven from 'leven';
import { FLAG_NAMES, FLAGS, variableOf } from './flags.ts';
import type { FlagName } from './flags.ts';

/** A wrong option, in words for the terminal. */
export class OptionsError extends Error {}

/** What can be asked of a server that runs already. */
export const COMMANDS: Record<
  'status' | 'desk-link' | 'add-folder' | 'set-password',
  { operand?: string; help: string }
> = {
  status: { help: 'tell what is served and what is going on' },
  'desk-link': { help: 'print a fresh link that opens the desk once' },
  'add-folder': { operand: 'DIR', help: 'add a folder of books and read it' },
  'set-password': { help: "ask for a new password of the library's owner" },
};

export type CommandName = keyof typeof COMMANDS;

const PATH_LISTS = new Set<string>(['library', 'statistics', 'docsettings', 'hashdocsettings']);
const LISTS = new Set<string>([
  ...PATH_LISTS,
  'trustedProxies',
  'allowNetworks',
  'oauthRedirectHosts',
  'oauthRedirectSchemes',
  'webOrigins',
]);

export type Words = {
  help?: boolean;
  version?: boolean;
  /** What is asked of a server that runs already, with what it is asked about. */
  command?: { name: CommandName; operand?: string };
  settings: Record<string, unknown>;
};

/** Returns what the words of a command line say, not yet checked. Throws OptionsError for a word it does not know. */
export function readWords(args: string[]): Words {
  const config: Record<string, { type: 'string' | 'boolean'; multiple?: boolean; short?: string }> = {
    help: { type: 'boolean', short: 'h' },
    version: { type: 'boolean' },
    // The start script's own word: this program never has a window.
    headless: { type: 'boolean' },
  };
  for (const name of FLAG_NAMES) {
    config[name] = 'value' in FLAGS[name] ? { type: 'string', multiple: true } : { type: 'boolean' };
  }
  const { tokens } = parseArgs({ args, options: config, strict: false, tokens: true, allowNegative: true });
  const settings: Record<string, unknown> = {};
  const found: Pick<Words, 'help' | 'version'> = {};
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') {
      operands.push(token.value);
      continue;
    }
    if (token.kind !== 'option') throw new OptionsError('There is nothing to say after --.');
    const negative = token.rawName.startsWith('--no-');
    const name = negative ? token.rawName.slice(5) : token.name;
    if (name === 'headless' && !negative) continue;
    if ((name === 'help' || name === 'version') && !negative) {
      found[name] = true;
      continue;
    }
    const flag = (FLAG_NAMES as string[]).includes(name) ? FLAGS[name as FlagName] : undefined;
    if (flag === undefined || !token.rawName.startsWith('--')) throw unknownOption(token.rawName);
    if ('isSecret' in flag && !(negative && 'canBeTakenAway' in flag)) {
      throw new OptionsError(
        `--${name} would be seen by everybody on this computer. Give --${name}-file FILE, or set ${variableOf(name as FlagName)} or ${flag.setting} in config.json.`,
      );
    }
    if (!('value' in flag)) {
      if (token.value !== undefined) throw new OptionsError(`--${name} takes no value.`);
      settings[flag.setting] = !negative;
    } else if (negative && 'canBeTakenAway' in flag && token.value === undefined) {
      settings[flag.setting] = null;
    } else if (negative) {
      if ('canBeTakenAway' in flag) throw new OptionsError(`${token.rawName} takes no value.`);
      throw unknownOption(token.rawName);
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
  const command = commandOf(operands);
  return { ...found, ...(command === undefined ? {} : { command }), settings };
}

function commandOf([word, ...rest]: string[]): Words['command'] {
  if (word === undefined) return undefined;
  if (!Object.hasOwn(COMMANDS, word)) {
    const near = nearest(word, Object.keys(COMMANDS));
    const meant = near === undefined ? '' : ` Did you mean the command ${near}?`;
    throw new OptionsError(`What is "${word}"?${meant} Folders of books are given with --library DIR.`);
  }
  const name = word as CommandName;
  const { operand } = COMMANDS[name];
  const wanted = operand === undefined ? 0 : 1;
  if (rest.length < wanted) throw new OptionsError(`${name} needs a word more: ${operand}.`);
  if (rest.length > wanted) throw new OptionsError(`What is "${rest[wanted]}"? See --help.`);
  return { name, ...(rest[0] === undefined ? {} : { operand: rest[0] }) };
}

function unknownOption(rawName: string): OptionsError {
  const near = nearest(rawName, [...FLAG_NAMES.flatMap(spellingsOf), '--help', '--version', '--headless']);
  return new OptionsError(
    `Unknown option ${rawName}.${near === undefined ? '' : ` Did you mean ${near}?`} See --help.`,
  );
}

/** How a flag may be written; secrets have none that may. */
function spellingsOf(name: FlagName): string[] {
  const flag = FLAGS[name];
  if ('isSecret' in flag) return 'canBeTakenAway' in flag ? [`--no-${name}`] : [];
  const canBeDenied = !('value' in flag) || 'canBeTakenAway' in flag;
  return canBeDenied ? [`--${name}`, `--no-${name}`] : [`--${name}`];
}

/** Returns the word that differs from this one in few letters, the nearest of them; undefined when all are far. */
export function nearest(word: string, among: readonly string[]): string | undefined {
  // Two letters: of a short word, any two in the wrong order.
  const most = Math.max(2, Math.floor(word.replace(/^--(no-)?/, '').length / 3));
  return among
    .map((name) => ({ name, letters: leven(word, name) }))
    .filter(({ letters }) => letters <= most)
    .toSorted((a, b) => a.letters - b.letters || (a.name < b.name ? -1 : 1))[0]?.name;
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
