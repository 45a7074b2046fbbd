// Writes docs/settings.md: every setting as a flag, a variable and a line of the config file.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { usageOf } from '../server/config/help.ts';
import { SETTING_GROUPS } from '../server/config/setting-row.ts';
import { SETTING_NAMES, settingNamed, variableOf } from '../server/config/settings.ts';
import { root } from './build-stamp.ts';

const INTRO = `# Settings

Made by \`npm run settings-page\` from \`server/config/settings.ts\`. Each setting is a flag, a variable of the environment, and a line of
\`config.json\` in the data folder; flags win over the environment, that over the file. Those marked ✓ can be changed in the desk while
the server runs: it writes them into \`config.json\`. What a flag or a variable says can only be changed there.`;

/** Returns the page. */
export function settingsPage(): string {
  const groups = Object.entries(SETTING_GROUPS).flatMap(([group, heading]) => {
    const rows = SETTING_NAMES.flatMap((name) => {
      const row = settingNamed(name);
      if (row?.group !== group) return [];
      const flag = row.isSecret ? 'never a flag' : `\`${usageOf(row)}\``;
      const help = row.help.replaceAll('|', '\\|');
      return [
        `| \`${name}\` | ${flag} | \`${variableOf(name)}\` | ${help} | ${row.desk === undefined ? '' : '✓'} |`,
      ];
    });
    return [
      '',
      `## ${heading}`,
      '',
      '| In `config.json` | Flag | Environment | | In the desk |',
      '| - | - | - | - | - |',
      ...rows,
    ];
  });
  return [INTRO, ...groups, ''].join('\n');
}

if (import.meta.main) writeFileSync(join(root, 'docs', 'settings.md'), settingsPage());
