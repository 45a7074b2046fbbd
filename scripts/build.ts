// Builds everything a person starts into out/: the app and the server for Node, the preload, the desk for browsers.
import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { build, type InlineConfig } from 'vite';
import { buildStamp, root, stampFile } from './build-stamp.ts';

/** Native code, WebAssembly and data beside the code, and what is seldom needed: loaded from node_modules at run time. */
const external = [
  'electron',
  'better-sqlite3',
  'sharp',
  'pdfjs-dist',
  'jschardet',
  '@napi-rs/canvas',
  '@node-rs/argon2',
  'keytar',
  'node-unrar-js',
  'dejavu-fonts-ttf',
];

if (import.meta.main && !(await buildAll())) process.exitCode = 1;

/**
 * Builds out/app and out/renderer anew; the stamp that says what they were made from is written last. Says what is wrong
 * and gives false when the sources cannot be built.
 */
export async function buildAll(): Promise<boolean> {
  try {
    await bundle();
    return true;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return false;
  }
}

async function bundle(): Promise<void> {
  const stamp = buildStamp();
  rmSync(stampFile, { force: true });
  rmSync(join(root, 'out/app'), { recursive: true, force: true });
  await Promise.all([
    build(
      nodeBuild(
        {
          main: 'main/index.ts',
          server: 'server/main.ts',
          worker: 'server/formats/workers/worker.ts',
          'export-pdf-worker': 'server/marks/export-pdf-worker.ts',
        },
        'es',
      ),
    ),
    build(nodeBuild({ preload: 'main/preload.cts' }, 'cjs')),
    build({ configFile: join(root, 'renderer/vite.config.ts'), logLevel: 'warn' }),
  ]);
  copy('server/catalogue/migrations', 'out/app/migrations', '.sql');
  copy('resources/icons', 'out/app/icons', '.png');
  writeFileSync(stampFile, stamp);
}

function copy(from: string, to: string, ending: string): void {
  mkdirSync(join(root, to), { recursive: true });
  const names = readdirSync(join(root, from)).filter((name) => name.endsWith(ending));
  for (const name of names) copyFileSync(join(root, from, name), join(root, to, name));
}

/** All files lie flat in out/app, so that a path relative to import.meta.url means the same in each of them. */
function nodeBuild(entries: Record<string, string>, format: 'es' | 'cjs'): InlineConfig {
  const extension = format === 'cjs' ? 'cjs' : 'js';
  return {
    configFile: false,
    logLevel: 'warn',
    root,
    publicDir: false,
    ssr: { noExternal: true, external },
    build: {
      ssr: true,
      outDir: 'out/app',
      emptyOutDir: false,
      target: 'node24',
      sourcemap: true,
      rolldownOptions: {
        input: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, join(root, file)])),
        external: [...builtinModules, /^node:/, ...external.map((name) => new RegExp(`^${name}(/|$)`))],
        output: {
          format,
          entryFileNames: `[name].${extension}`,
          chunkFileNames: `[name]-[hash].${extension}`,
          assetFileNames: '[name]-[hash][extname]',
        },
      },
    },
  };
}
