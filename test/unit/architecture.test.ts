import { readFileSync, readdirSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importsOf } from './architecture-imports.ts';
import { vagueName, wrongImport } from './architecture-rules.ts';

const root = new URL('../../', import.meta.url);
const filesOf = (folder: string): string[] =>
  readdirSync(new URL(folder, root), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.[cm]?tsx?$/.test(entry.name))
    .map((entry) => `${entry.parentPath.slice(root.pathname.length)}/${entry.name}`.replace(/\/+/g, '/'))
    .filter((path) => !path.includes('node_modules'));
const sourceOf = (path: string): string => readFileSync(new URL(path, root), 'utf8');

const wrongIn = (path: string, source: string): string[] =>
  importsOf(path, source).flatMap((each) => {
    const wrong = wrongImport(path, each);
    return wrong === undefined ? [] : [`${path} imports ${each.specifier}: ${wrong}`];
  });

describe('who imports whom', () => {
  const product = ['main', 'server', 'renderer'].flatMap(filesOf);

  it('follows the map of the house in every file', () => {
    expect(product.length).toBeGreaterThan(150);
    expect(product).toContain('server/sources/scan-folder.ts');
    expect(product.flatMap((path) => wrongIn(path, sourceOf(path)))).toEqual([]);
  });

  it('in no circle, types included', () => {
    const imports = new Map(
      product.map((path) => [
        path,
        importsOf(path, sourceOf(path))
          .filter(({ specifier }) => specifier.startsWith('.'))
          .map(({ specifier }) => posix.join(posix.dirname(path), specifier)),
      ]),
    );
    // What imports nothing that is left is in no circle; what is left in the end is, or leads into one.
    for (let shrinks = true; shrinks;) {
      const free = [...imports].filter(([, those]) => !those.some((each) => imports.has(each)));
      shrinks = free.length > 0;
      for (const [path] of free) imports.delete(path);
    }
    expect([...imports.keys()]).toEqual([]);
  });

  it('names no file for what it is not', () => {
    const named = [...product, ...['test', 'e2e', 'scripts'].flatMap(filesOf)];
    expect(named.filter((path) => vagueName(path) !== undefined)).toEqual([]);
  });

  it('keeps tests to files they make', () => {
    const outside = ['/work', 'shared'].join('/');
    const tests = ['test', 'e2e'].flatMap(filesOf);
    expect(tests.filter((path) => sourceOf(path).includes(outside))).toEqual([]);
  });
});

describe('the rules', () => {
  const rejects = (path: string, source: string) => wrongIn(path, source).join('\n');

  it.each([
    // the order of the features
    ['server/library/books.ts', "import { a } from '../koreader/ingest-sidecar.ts';", 'to the right'],
    ['server/jobs/runner.ts', "import type { A } from '../accounts/users.ts';", 'to the right'],
    ['server/jobs/runner.ts', "const a = await import('../sources/sources.ts');", 'to the right'],
    ['server/marks/marks.ts', "export * from '../reading/sessions.ts';", 'to the right'],
    ['server/library/books.ts', "type A = import('../sync/push.ts').A;", 'to the right'],
    ['server/library/books.ts', "import { a } from '../http/app.ts';", 'may not use http'],
    ['server/library/books.ts', "import { a } from '../api/papyrus/present.ts';", 'may not use api'],
    // faces
    ['server/api/koshelf/items.ts', "import { a } from '../papyrus/present.ts';", 'another face'],
    ['server/api/koshelf/items.ts', "import type { A } from '../desk/schemas.ts';", 'another face'],
    ['server/api/papyrus/books/schemas.ts', "import { a } from '../../koshelf/schemas.ts';", 'another face'],
    ['server/api/desk/status.ts', "import { eq } from 'drizzle-orm';", 'another owner'],
    ['server/api/desk/status.ts', "import { open } from 'node:fs/promises';", 'opens no files'],
    [
      'server/api/desk/status.ts',
      "import { selectBook } from '../../library/books.queries.ts';",
      'not its queries',
    ],
    [
      'server/api/desk/status.ts',
      "import { a } from '../../catalogue/catalogue.ts';",
      'may not use catalogue',
    ],
    ['server/api/desk/status.ts', "import { a } from '../../formats/pool.ts';", 'may not use formats'],
    [
      'server/api/desk/status.ts',
      "import type { ServerOptions } from '../../options.ts';",
      'composition root',
    ],
    // the ground
    ['server/http/app.ts', "import { a } from '../accounts/users.ts';", 'may not use accounts'],
    ['server/http/app.ts', "import type { A } from '../catalogue/catalogue.ts';", 'may not use catalogue'],
    ['server/formats/book.ts', "import { a } from '../catalogue/statements.ts';", 'may not use catalogue'],
    ['server/formats/book.ts', "import { a } from '../http/downloads.ts';", 'may not use http'],
    ['server/formats/book.ts', "import { request } from 'node:https';", 'no network'],
    ['server/catalogue/open.ts', "import { a } from '../library/books.ts';", 'may not use library'],
    ['server/base/ids.ts', "import type { A } from '../formats/book.ts';", 'may not use formats'],
    ['server/base/ids.ts', "import { startServer } from '../server.ts';", 'composition root'],
    ['server/new-room/a.ts', "import { a } from '../base/ids.ts';", 'without rules'],
    ['server/library/books.ts', "import { a } from '../../main/tray.ts';", 'above it'],
    [
      'server/library/books.ts',
      "import json from '../../package.json' with { type: 'json' };",
      'base/version.ts',
    ],
    // the host and the pages
    ['main/index.ts', "import { a } from '../server/library/books.ts';", 'main knows only'],
    ['main/bridge.ts', "import { a } from '../renderer/shared/api.ts';", 'main knows only'],
    [
      'renderer/desk/home/sources.tsx',
      "import { Job } from '../../../server/api/desk/schemas.ts';",
      'only types',
    ],
    [
      'renderer/desk/home/sources.tsx',
      "import type { A } from '../../../server/library/books.ts';",
      'only the schemas',
    ],
    ['renderer/shared/api.ts', "import { readFile } from 'node:fs/promises';", 'no node modules'],
  ])('refuse in %s: %s', (path, source, why) => {
    expect(rejects(path, source)).toContain(why);
  });

  it.each([
    ['server/server.ts', 'electron'],
    ['main/index.ts', 'electron-store'],
    ['server/library/books.ts', 'express'],
    ['server/library/books.ts', 'drizzle-orm/better-sqlite3'],
    ['server/sources/import-statistics.ts', 'better-sqlite3'],
    ['server/formats/epub/read.ts', 'yauzl'],
    ['server/formats/fb2/read.ts', 'saxes'],
    ['server/formats/markup/html.ts', 'htmlparser2'],
    ['server/library/covers.ts', 'sharp'],
    ['server/formats/pictures/cover.ts', 'pdfjs-dist/legacy/build/pdf.mjs'],
    ['server/formats/archive/rar.ts', 'node-unrar-js/dist/js/unrar.js'],
    ['server/library/books.ts', 'sanitize-html'],
    ['server/accounts/users.ts', 'jose'],
    ['server/accounts/users.ts', '@node-rs/argon2'],
    ['server/jobs/runner.ts', 'pino'],
    ['server/reading/activity.ts', 'temporal-polyfill'],
    ['server/formats/book.ts', 'zod'],
    ['server/server.ts', 'react'],
  ])('refuse in %s the library %s, however it is loaded', (path, library) => {
    for (const source of [
      `import a from '${library}';`,
      `import type { A } from '${library}';`,
      `import '${library}';`,
      `export { a } from "${library}";`,
      `const a = async () => await import('${library}');`,
      `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url); require('${library}');`,
      `import { createRequire } from 'node:module'; createRequire(import.meta.url).resolve('${library}');`,
    ]) {
      expect(rejects(path, source), source).toContain('has another owner');
    }
  });

  it('refuse a library nobody owns yet', () => {
    expect(rejects('server/http/app.ts', "import helmet from 'helmet';")).toContain('has no owner file yet');
  });

  it('let through what the map allows', () => {
    const fine: [string, string][] = [
      ['server/sources/sources.ts', "import { a } from '../koreader/sidecars.ts';"],
      ['server/koreader/ingest-sidecar.ts', "import { a } from '../library/intake.queries.ts';"],
      ['server/api/koshelf/items.ts', "import type { A } from '../../library/books.queries.ts';"],
      ['server/api/koshelf/items.ts', "import type { BookFormat } from '../../formats/book.ts';"],
      [
        'server/api/papyrus/books/schemas.ts',
        "import { a } from './shared.ts'; import { b } from '../errors.ts';",
      ],
      ['server/faces.ts', "import { a } from './library/books.ts'; import express from 'express';"],
      ['server/main.ts', "import { startServer } from './server.ts';"],
      ['main/server-host.ts', "import { type RunningServer, startServer } from '../server/server.ts';"],
      ['main/tray.ts', "import type { A } from '../server/base/log.ts';"],
      ['renderer/shared/api.ts', "import type { Job } from '../../server/api/desk/schemas.ts';"],
      ['renderer/shared/api.ts', "import type { A } from '../../server/api/papyrus/books/schemas.ts';"],
      ['server/base/log.ts', "import { mkdirSync } from 'node:fs'; import { pino } from 'pino';"],
    ];
    expect(fine.flatMap(([path, source]) => wrongIn(path, source))).toEqual([]);
  });

  it('see an import of values and types as one of values', () => {
    expect(importsOf('a.ts', "import { a, type B } from 'x'; import type C from 'y';")).toEqual([
      { specifier: 'x', typeOnly: false },
      { specifier: 'y', typeOnly: true },
    ]);
  });

  it('refuse an import that is only known at run time', () => {
    expect(() => importsOf('a.ts', 'const load = (name: string) => import(name);')).toThrow(
      'only known at run time',
    );
  });

  it('know vague names and leave good ones alone', () => {
    for (const path of [
      'server/library/book-service.ts', 'server/http/helpers.ts', 'server/base/utils.ts', 'test/support/storage.helper.ts', 'renderer/desk/manager.tsx', 'main/book.service.test.ts',
    ]) expect(vagueName(path), path).toBeDefined(); // prettier-ignore
    for (const path of ['server/library/books.ts', 'main/server-host.ts', 'test/support/make-epub.ts'])
      expect(vagueName(path), path).toBeUndefined();
  });
});
