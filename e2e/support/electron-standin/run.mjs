// Does what the Electron executable does: reads its own switches, then runs the app's main script.
import './hooks.mjs';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const words = process.argv.slice(2);
const required = [];
let folder = '.';
for (let index = 0; index < words.length; index++) {
  const word = words[index];
  if (word === '-r' || word === '--require') {
    required.push(words[++index]);
  } else if (!word.startsWith('-')) {
    folder = word;
    break;
  }
}

const root = resolve(folder);
const about = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
process.argv = [fileURLToPath(new URL('electron', import.meta.url)), ...words];
Object.defineProperty(process, 'type', { value: 'browser' });
Object.defineProperty(process, 'versions', {
  value: Object.freeze({ ...process.versions, electron: 'stand-in' }),
});

const { begin, finishLoading } = await import('./app.mjs');
begin({ root, about });
const require = createRequire(join(root, 'package.json'));
for (const file of required) require(file);
await import(pathToFileURL(resolve(root, about.main)).href);
finishLoading();
