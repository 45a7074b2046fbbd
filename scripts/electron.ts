// Finds the Electron program, which its package does not bring along but downloads on first use.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './build-stamp.ts';
import { run } from './run.mjs';

export type FoundElectron = { program: string } | { reason: string };

const folder = join(root, 'node_modules/electron');
const downloadsFrom = 'https://github.com/electron/electron/releases/';
const answerWithinMs = 3000;
const downloadWithinMs = 5 * 60_000;

/**
 * Returns the Electron program to run, or a sentence that says why there is none. ELECTRON_OVERRIDE_DIST_PATH, which
 * the electron package itself reads, names a folder with another one. A download is tried when `mayDownload` is set.
 */
export async function findElectron({ mayDownload }: { mayDownload: boolean }): Promise<FoundElectron> {
  const override = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  if (override !== undefined && override !== '') {
    const program = join(override, fileName() ?? 'electron');
    if (existsSync(program)) return { program };
    return { reason: `There is no Electron in ${override}, where ELECTRON_OVERRIDE_DIST_PATH points.` };
  }
  const why = screenProblem();
  if (why !== undefined) return { reason: why };
  const program = installedProgram() ?? (mayDownload ? await download() : undefined);
  return program === undefined
    ? { reason: 'Electron is not installed and could not be downloaded.' }
    : { program };
}

/** The name inside the folder, which the package writes down after a download. */
function fileName(): string | undefined {
  try {
    return readFileSync(join(folder, 'path.txt'), 'utf8');
  } catch {
    return undefined;
  }
}

function installedProgram(): string | undefined {
  const name = fileName();
  if (name === undefined) return undefined;
  const program = join(folder, 'dist', name);
  return existsSync(program) ? program : undefined;
}

function screenProblem(): string | undefined {
  if (process.platform !== 'linux') return undefined;
  if (!process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) return 'There is no screen here.';
  // Chromium's sandbox, which the window needs, does not run as root.
  if (process.getuid?.() === 0) return 'Electron does not run as root.';
  return undefined;
}

async function download(): Promise<string | undefined> {
  const source = process.env['ELECTRON_MIRROR'] ?? downloadsFrom;
  try {
    await fetch(source, { method: 'HEAD', signal: AbortSignal.timeout(answerWithinMs) });
  } catch {
    return undefined;
  }
  process.stderr.write('start: downloading Electron (once, about 110 MB) …\n');
  await run(process.execPath, [join(folder, 'install.js')], { capture: true, timeout: downloadWithinMs });
  return installedProgram();
}
