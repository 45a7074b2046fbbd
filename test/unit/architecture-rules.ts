// Who may import whom, as one function from a file and an import to what is wrong with it.
import { posix } from 'node:path';
import type { Import } from './architecture-imports.ts';

/** A feature may use those to its left, never one to its right. */
const FEATURES = [
  'jobs', 'accounts', 'storage', 'search', 'shelves', 'library', 'marks', 'reading', 'files', 'koreader', 'sync', 'sources',
  'backups', 'portability',
]; // prettier-ignore

/** Rooms below the features and what each may use. */
const GROUND: Record<string, readonly string[]> = {
  base: [],
  catalogue: ['base'],
  formats: ['base'],
  secrets: ['base'],
  outbound: ['base'],
  http: ['base'],
  config: ['base', 'http'],
};

/** The one owner of each library. The name holds for its sub-paths too. */
const OWNERS: Record<string, RegExp> = {
  electron: /^main\//,
  'electron-store': /^main\/preferences\.ts$/,
  express: /^server\/(http\/|api\/|faces\.ts$)/,
  compression: /^server\/http\/compress\.ts$/,
  'drizzle-orm': /^server\/(catalogue\/|.*\.queries\.ts$)/,
  'better-sqlite3': /^server\/(catalogue\/[\w-]+\.ts|formats\/(koreader\/[\w-]+|database-check)\.ts)$/,
  // Schemas say what comes from outside: formats read files by their own rules, the ground knows no outside.
  zod: new RegExp(
    `^(main/(preferences|bridge)\\.ts|server/((config|terminal)/|http/|api/|(${FEATURES.join('|')})/))`,
  ),
  yauzl: /^server\/formats\/archive\/zip\.ts$/,
  saxes: /^server\/formats\/markup\/xml\.ts$/,
  htmlparser2: /^server\/formats\/markup\/xml\.ts$/,
  entities: /^server\/base\/escape\.ts$/,
  'lru-cache': /^server\/base\/bounded-map\.ts$/,
  jschardet: /^server\/formats\/encoding\.ts$/,
  sharp: /^server\/formats\/pictures\/(cover|draw-svg)\.ts$/,
  'pdfjs-dist': /^server\/formats\/pdf\/read\.ts$/,
  '@napi-rs/canvas': /^server\/(formats\/pdf\/read|marks\/(export-pdf|pdf-fonts))\.ts$/,
  'node-unrar-js': /^server\/formats\/archive\/rar-machine\.ts$/,
  'modern-tar': /^server\/formats\/archive\/tar\.ts$/,
  'sanitize-html': /^server\/formats\/markup\/html\.ts$/,
  jose: /^server\/accounts\/(tokens|stream-tokens|google-sign-in)\.ts$/,
  '@node-rs/argon2': /^server\/accounts\/passwords\.ts$/,
  nodemailer: /^server\/accounts\/mail\.ts$/,
  'openid-client': /^server\/accounts\/google-sign-in\.ts$/,
  undici: /^server\/outbound\/[\w-]+\.ts$/,
  'ipaddr.js': /^server\/outbound\/[\w-]+\.ts$/,
  leven: /^server\/config\/command-line\.ts$/,
  cookie: /^server\/http\/cookies\.ts$/,
  fresh: /^server\/http\/preconditions\.ts$/,
  busboy: /^server\/http\/uploads\.ts$/,
  yazl: /^server\/portability\/[\w-]+\.ts$/,
  xmlbuilder2: /^server\/portability\/[\w-]+\.ts$/,
  'csv-stringify': /^server\/(portability|marks)\/[\w-]+\.ts$/,
  'dejavu-fonts-ttf': /^server\/marks\/pdf-fonts\.ts$/,
  bowser: /^server\/api\/koshelf\/user-agent\.ts$/,
  pino: /^server\/base\/log\.ts$/,
  'rotating-file-stream': /^server\/base\/log\.ts$/,
  'temporal-polyfill': /^server\/base\/time-zone\.ts$/,
  react: /^renderer\//,
  'react-dom': /^renderer\/[\w-]+\/main\.tsx$/,
  '@tanstack/react-query': /^renderer\//,
  vite: /^renderer\/vite\.config\.ts$/,
  '@vitejs/plugin-react': /^renderer\/vite\.config\.ts$/,
};

const NETWORK = new Set(['node:http', 'node:https', 'node:http2', 'node:net', 'node:tls', 'node:dgram']);

/** Returns what is wrong with the import, in words; undefined when it may be. `from` is a path from the repository's root. */
export function wrongImport(from: string, { specifier, typeOnly }: Import): string | undefined {
  if (specifier.startsWith('.'))
    return wrongNeighbour(from, posix.join(posix.dirname(from), specifier), typeOnly);
  if (specifier.startsWith('node:')) return wrongBuiltIn(from, specifier);
  return wrongLibrary(from, specifier);
}

function wrongLibrary(from: string, specifier: string): string | undefined {
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  const owner = OWNERS[name];
  if (owner === undefined) return `${name} has no owner file yet`;
  return owner.test(from) ? undefined : `${name} has another owner`;
}

function wrongBuiltIn(from: string, specifier: string): string | undefined {
  const room = roomOf(from);
  if (room === 'renderer' && from !== 'renderer/vite.config.ts') return 'a browser has no node modules';
  if (room === 'formats' && NETWORK.has(specifier)) return 'formats know no network';
  if (room === 'api' && /^node:fs(\/|$)/.test(specifier)) return 'a face opens no files';
  return undefined;
}

function wrongNeighbour(from: string, to: string, typeOnly: boolean): string | undefined {
  const [room, target] = [roomOf(from), roomOf(to)];
  if (room === target && room !== 'api' && !isComposition(to)) return undefined;
  if (room === 'main') {
    if (to === 'server/server.ts' || to === 'server/config/options.ts' || typeOnly) return undefined;
    return 'main knows only server.ts and options.ts of the server';
  }
  if (room === 'renderer') {
    const isSchema = /^server\/api\/[\w-]+\/(?:[\w-]+\/)?(?:[\w-]+-)?schemas\.ts$/.test(to);
    if (isSchema && typeOnly) return undefined;
    return isSchema ? 'pages take only types from the server' : 'pages know only the schemas of a face';
  }
  if (to === 'package.json')
    return from === 'server/base/version.ts' ? undefined : 'only base/version.ts reads it';
  if (!to.startsWith('server/')) return 'the server knows nothing above it';
  if (isComposition(from)) return undefined;
  // The composition root and its options say how parts are put together; a part that imports them would close a circle.
  if (isComposition(to)) return 'only the host knows the composition root';
  if (room === 'api') return wrongForFace(from, to, typeOnly);
  if (FEATURES.includes(room)) return wrongForFeature(room, target);
  const allowed = GROUND[room];
  if (allowed === undefined) return `${room} is a room without rules`;
  return allowed.includes(target) ? undefined : `${room} may not use ${target}`;
}

function wrongForFace(from: string, to: string, typeOnly: boolean): string | undefined {
  const target = roomOf(to);
  if (target === 'api') return faceOf(from) === faceOf(to) ? undefined : 'a face never meets another face';
  if (target === 'http' || target === 'base') return undefined;
  if (FEATURES.includes(target)) {
    return !to.endsWith('.queries.ts') || typeOnly ? undefined : 'a face calls a feature, not its queries';
  }
  // The desk shows what can be set; it is given what changes it.
  if (target === 'config' && typeOnly) return undefined;
  // What a book's format is called is a word of the features' records.
  if (target === 'formats' && typeOnly) return undefined;
  return `a face may not use ${target}`;
}

function wrongForFeature(room: string, target: string): string | undefined {
  if (FEATURES.includes(target)) {
    return FEATURES.indexOf(target) < FEATURES.indexOf(room)
      ? undefined
      : `${target} is to the right of ${room}`;
  }
  return ['catalogue', 'formats', 'secrets', 'outbound', 'base'].includes(target)
    ? undefined
    : `${room} may not use ${target}`;
}

/** The files at the top of server/ and the commands of its terminal: they know everything and are known to the host alone. */
const isComposition = (path: string) => /^server\/(terminal\/)?[\w-]+\.ts$/.test(path);

/** main, renderer, or the folder of server/ a file lies in. */
const roomOf = (path: string): string => {
  const [top = '', room = ''] = path.split('/');
  return top === 'server' ? (isComposition(path) ? 'server' : room) : top;
};

const faceOf = (path: string): string => path.split('/')[2] ?? '';

/** Returns the word a file name should not end in, if it does. */
export const vagueName = (path: string): string | undefined =>
  /(?:^|[-.])(services?|managers?|helpers?|utils?)(?:\.[\w]+)*\.[cm]?tsx?$/i.exec(posix.basename(path))?.[1];
