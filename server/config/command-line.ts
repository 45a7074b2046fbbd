// Reads the words of the command line and of the environment, not yet checked.
import { parseArgs } from 'node:util';
import leven from 'leven';
import { SETTING_NAMES, settingNamed, settingOfFlag, SETTINGS, variableOf } from './settings.ts';
import type { SettingRow } from './setting-row.ts';

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

const ROWS: readonly SettingRow[] = SETTING_NAMES.map((name) => SETTINGS[name]);

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
  for (const { flag, value } of ROWS)
    config[flag] = value === undefined ? { type: 'boolean' } : { type: 'string', multiple: true };
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
    const setting = settingOfFlag(name);
    if (setting === undefined || !token.rawName.startsWith('--')) throw unknownOption(token.rawName);
    const { isSecret, canBeTakenAway, value, list }: SettingRow = SETTINGS[setting];
    if (isSecret && !(negative && canBeTakenAway)) {
      throw new OptionsError(
        `--${name} would be seen by everybody on this computer. Give --${name}-file FILE, or set ${variableOf(setting)} or ${setting} in config.json.`,
      );
    }
    if (value === undefined) {
      if (token.value !== undefined) throw new OptionsError(`--${name} takes no value.`);
      settings[setting] = !negative;
    } else if (negative && canBeTakenAway && token.value === undefined) {
      settings[setting] = null;
    } else if (negative) {
      if (canBeTakenAway) throw new OptionsError(`${token.rawName} takes no value.`);
      throw unknownOption(token.rawName);
    } else {
      // parseArgs takes a following flag for the value when it is not strict.
      if (token.value === undefined || (!token.inlineValue && token.value.startsWith('--'))) {
        throw new OptionsError(`--${name} needs a value: ${value}.`);
      }
      settings[setting] =
        list === undefined
          ? token.value
          : [...((settings[setting] as string[] | undefined) ?? []), token.value];
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
  const near = nearest(rawName, [...ROWS.flatMap(spellingsOf), '--help', '--version', '--headless']);
  return new OptionsError(
    `Unknown option ${rawName}.${near === undefined ? '' : ` Did you mean ${near}?`} See --help.`,
  );
}

/** How a flag may be written; secrets have none that may. */
function spellingsOf({ flag, value, isSecret, canBeTakenAway }: SettingRow): string[] {
  if (isSecret) return canBeTakenAway ? [`--no-${flag}`] : [];
  const canBeDenied = value === undefined || canBeTakenAway;
  return canBeDenied ? [`--${flag}`, `--no-${flag}`] : [`--${flag}`];
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
  for (const name of SETTING_NAMES) {
    const value = env[variableOf(name)];
    if (value === undefined || value === '') continue;
    const isPaths = settingNamed(name)?.list === 'paths';
    // Paths are separated as PATH is on this system.
    settings[name] = isPaths ? value.split(process.platform === 'win32' ? ';' : ':').filter(Boolean) : value;
  }
  return settings;
}
