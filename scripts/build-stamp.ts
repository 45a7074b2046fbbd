// Tells whether out/ was built from the sources as they are now.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The checkout's folder. */
export const root = join(import.meta.dirname, '..');
/** Written at the end of a build. */
export const stampFile = join(root, 'out/built-from');

const sources = ['main', 'server', 'renderer', 'resources', 'scripts', 'package.json', 'package-lock.json'];

/** Returns a hash of the names, sizes and times of all that goes into a build. */
export function buildStamp(folder = root): string {
  const hash = createHash('sha256');
  for (const source of sources) addTo(hash, folder, source);
  return hash.digest('hex');
}

/** True when out/ was built from exactly these sources. */
export function isBuilt(): boolean {
  try {
    return readFileSync(stampFile, 'utf8') === buildStamp();
  } catch {
    return false;
  }
}

function addTo(hash: ReturnType<typeof createHash>, folder: string, path: string): void {
  const found = statSync(join(folder, path), { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isDirectory()) {
    hash.update(`${path}\0${found.size}\0${found.mtimeMs}\n`);
    return;
  }
  for (const name of readdirSync(join(folder, path)).sort()) addTo(hash, folder, `${path}/${name}`);
}
