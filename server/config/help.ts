// The page of --help.
import { COMMANDS } from './command-line.ts';
import { SETTING_GROUPS } from './setting-row.ts';
import type { SettingRow } from './setting-row.ts';
import { SETTING_NAMES, SETTINGS, variableOf } from './settings.ts';

const COLUMNS = 100;
const LEFT = 29;

/** Returns the page: commands, then flags by their groups, no line longer than 100 columns. */
export function helpText(): string {
  const rows: readonly SettingRow[] = SETTING_NAMES.map((name) => SETTINGS[name]);
  const groups = Object.entries(SETTING_GROUPS).flatMap(([group, heading]) => [
    '',
    `${heading}:`,
    ...rows
      .filter((each) => each.group === group && !each.isSecret)
      .flatMap((each) => row(usageOf(each), each.help)),
  ]);
  const secrets = SETTING_NAMES.filter((name) => (SETTINGS[name] as SettingRow).isSecret).map(variableOf);
  return [
    'Papyrus Shelf: your library on your own computer, for all your devices.',
    '',
    'npm start -- [OPTIONS]             start it',
    'npm start -- COMMAND [OPTIONS]     ask the one that runs on the data folder',
    '',
    'Commands:',
    ...Object.entries(COMMANDS).flatMap(([name, { operand, help }]) =>
      row(operand === undefined ? name : `${name} ${operand}`, help),
    ),
    ...groups,
    ...row('--headless', 'run without a window'),
    ...row('-h, --help', 'show this'),
    ...row('--version', 'show the version'),
    '',
    ...wrapped(
      'Each option is also an environment variable (PAPYRUS_SHELF_DATA_DIR …) and a setting in config.json of the data folder (dataDir …). Flags win over the environment, that over the file.',
      COLUMNS,
    ),
    ...wrapped(`Secrets are never flags: ${secrets.join(', ')}.`, COLUMNS),
    '',
  ].join('\n');
}

/** The flag with what follows it. */
export const usageOf = ({ flag, value }: SettingRow): string =>
  `--${flag}${value === undefined ? '' : ` ${value}`}`;

/** An option and what it does beside it, or below it where it is too long. */
function row(left: string, help: string): string[] {
  const [first = '', ...rest] = wrapped(help, COLUMNS - LEFT);
  const indent = ' '.repeat(LEFT);
  const fits = left.length + 3 < LEFT;
  return [
    ...(fits ? [`  ${left}`.padEnd(LEFT) + first] : [`  ${left}`, indent + first]),
    ...rest.map((line) => indent + line),
  ];
}

function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}
