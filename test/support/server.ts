// Starts the real server on a free port with a data folder and a library of its own.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { LibraryFolderList } from '../../server/api/desk/schemas.ts';
import type { Clock } from '../../server/base/clock.ts';
import { defaultOptions } from '../../server/config/options.ts';
import type { ServerOptions } from '../../server/config/options.ts';
import { startServer } from '../../server/server.ts';
import type { RunningServer, ServerPorts } from '../../server/server.ts';
import { ask, listen } from './client.ts';
import type { Answer, Asked, EventStream } from './client.ts';
import { makeStatistics } from './make-statistics.ts';
import type { StatisticsContent } from './make-statistics.ts';

/** Files by their path below the library folder. */
export type Files = Record<string, string | Uint8Array>;

export type TestServerParts = {
  clock?: Clock;
  options?: Partial<ServerOptions>;
  ports?: Omit<ServerPorts, 'clock'>;
  files?: Files;
  /** Becomes the statistics file of the library. */
  statistics?: StatisticsContent;
};

export type TestServer = {
  readonly url: string;
  libraryDir: string;
  dataDir: string;
  statisticsPath: string;
  /** Asks under the server's own address. */
  get(path: string, asked?: Asked): Promise<Answer>;
  /** Asks under /api; `path` begins with a slash. */
  koshelf(path: string, asked?: Asked): Promise<Answer>;
  /** What the KoShelf API has under this path. Throws with the answer when it refuses. */
  data<Data>(path: string, asked?: Asked): Promise<Data>;
  /** Asks under /api/v1, with a token when one is given. */
  papyrus(method: string, path: string, body?: unknown, token?: string): Promise<Answer>;
  /** Makes an invitation in the desk and returns its code, for registering on a server that is somebody's. */
  invite(): Promise<string>;
  /** Signs up under this e-mail address, invited where that is needed, and returns the access token. */
  signUp(email?: string): Promise<string>;
  /** Makes a person the owner of the scanned library and returns their access token. */
  claim(): Promise<string>;
  /** Asks under /desk/api as the desk does: with its cookie and its guard header. */
  desk(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Listens to a stream of events under the server's own address, as the desk would. */
  events(path: string): Promise<EventStream>;
  deskCookie(): Promise<string>;
  /** Writes files below the library folder, each newer than any before it; their times begin with 2026 or `from` a moment. */
  put(files: Files, from?: string): void;
  /** Renames a file below the library folder. */
  rename(from: string, to: string): void;
  /** Removes a file or a folder below the library folder. */
  remove(name: string): void;
  /** Scans everything and waits for the end. */
  rescan(): Promise<void>;
  /** Says in the desk of every folder that misses files that they are gone, and waits until they are forgotten. */
  letGo(): Promise<void>;
  settled(): Promise<void>;
  running(): RunningServer;
  /** Ends the server and starts it again on the same folders. */
  restart(options?: Partial<ServerOptions>): Promise<void>;
  close(): Promise<void>;
};

export const OWNER = { email: 'owner@example.org', password: 'Correct-Horse-7', display_name: 'Owner' };

/** The limits a server has when nobody says anything. */
export const { rateLimits: DOCUMENTED_LIMITS } = defaultOptions();
const UNLIMITED = { authentication: null, general: null, upload: null, batch: null };

/** Starts a server and waits until it has read its library. */
export async function startTestServer(parts: TestServerParts = {}): Promise<TestServer> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'shelf-api-')));
  const libraryDir = join(root, 'library');
  const dataDir = join(root, 'data');
  const statisticsPath = join(root, 'statistics.sqlite3');
  mkdirSync(libraryDir);
  const put = (files: Files, from?: string): void => writeFiles(libraryDir, files, from);
  put(parts.files ?? {});
  if (parts.statistics !== undefined) makeStatistics(statisticsPath, parts.statistics).close();

  const options: ServerOptions = {
    ...defaultOptions(),
    dataDir,
    port: 0,
    timeZone: 'UTC',
    watch: 'off',
    backupSchedule: 'off',
    rateLimits: UNLIMITED,
    library: [libraryDir],
    statistics: parts.statistics === undefined ? [] : [statisticsPath],
    ...parts.options,
  };
  const ports: ServerPorts = {
    checkAnswers: true,
    ...(parts.clock === undefined ? {} : { clock: parts.clock }),
    ...parts.ports,
  };
  const start = async (changed: Partial<ServerOptions> = {}): Promise<RunningServer> => {
    const started = await startServer({ ...options, ...changed }, ports);
    await started.settled();
    return started;
  };
  let server = await start().catch((error: unknown) => {
    rmSync(root, { recursive: true });
    throw error;
  });
  let deskCookie: Promise<string> | undefined;

  const get = (path: string, asked?: Asked): Promise<Answer> => ask(server.url + path, asked);
  const openDesk = async (): Promise<string> => {
    const token = new URL(server.newDeskUrl()).searchParams.get('token');
    const answer = await get('/desk/api/session', { method: 'POST', body: { token }, headers: GUARD });
    if (answer.status !== 204) throw new Error(`the desk answered ${answer.status} ${answer.text}`);
    return cookieIn(answer);
  };
  const test: TestServer = {
    get url() {
      return server.url;
    },
    libraryDir,
    dataDir,
    statisticsPath,
    get,
    koshelf: (path, asked) => get(`/api${path}`, asked),
    data: async <Data>(path: string, asked?: Asked) => {
      const answer = await get(`/api${path}`, asked);
      if (answer.status !== 200) throw new Error(`${path} answered ${answer.status} ${answer.text}`);
      return (answer.json() as { data: Data }).data;
    },
    papyrus: (method, path, body, token) =>
      get(`/api/v1${path}`, {
        method,
        ...(body === undefined ? {} : { body }),
        ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
      }),
    signUp: async (email = 'reader@example.org') => {
      const body = { ...OWNER, email, display_name: 'Reader', invitation: await test.invite() };
      return tokenIn(await test.papyrus('POST', '/auth/register', body), 201);
    },
    invite: async () => {
      const made = await test.desk('POST', '/people/invitations');
      if (made.status !== 201) throw new Error(`inviting answered ${made.status} ${made.text}`);
      return new URL((made.json() as { url: string }).url).searchParams.get('token') ?? '';
    },
    claim: async () => {
      const claimed = await test.desk('POST', '/claim', OWNER);
      if (claimed.status !== 201) throw new Error(`claiming answered ${claimed.status} ${claimed.text}`);
      const { email, password } = OWNER;
      return tokenIn(await test.papyrus('POST', '/auth/login', { email, password }), 200);
    },
    deskCookie: () => (deskCookie ??= openDesk()),
    desk: async (method, path, body) =>
      get(`/desk/api${path}`, {
        method,
        ...(body === undefined ? {} : { body }),
        headers: { ...GUARD, cookie: await test.deskCookie() },
      }),
    events: async (path) => listen(server.url + path, { cookie: await test.deskCookie() }),
    put,
    rename: (from, to) => {
      mkdirSync(dirname(join(libraryDir, to)), { recursive: true });
      renameSync(join(libraryDir, from), join(libraryDir, to));
    },
    remove: (name) => rmSync(join(libraryDir, name), { recursive: true }),
    rescan: async () => {
      const answer = await test.desk('POST', '/scans');
      if (answer.status !== 202) throw new Error(`the scan answered ${answer.status} ${answer.text}`);
      await server.settled();
    },
    letGo: async () => {
      const { folders } = (await test.desk('GET', '/folders')).json() as LibraryFolderList;
      for (const { folder_id: folderId, missing } of folders) {
        if (missing === null) continue;
        const answer = await test.desk('POST', `/folders/${folderId}/let-go`);
        if (answer.status !== 202) throw new Error(`letting go answered ${answer.status} ${answer.text}`);
      }
      await server.settled();
    },
    settled: () => server.settled(),
    running: () => server,
    restart: async (changed) => {
      await server.close();
      deskCookie = undefined;
      server = await start(changed);
    },
    close: async () => {
      await server.close();
      rmSync(root, { recursive: true });
    },
  };
  return test;
}

/** What only the desk's own pages send. */
export const GUARD = { 'x-papyrus-desk': '1' };

let secondsPassed = 0;

/**
 * Writes files below a folder, each a second newer than any before it: file times alone may not tell changes apart. Their times
 * begin with 2026, or `from` another moment: one that is later than what a person said is a later word.
 */
export const writeFiles = (folder: string, files: Files, from = '2026-01-01T00:00:00Z'): void => {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    const time = Date.parse(from) / 1000 + ++secondsPassed;
    utimesSync(path, time, time);
  }
};

/** The name and value of the cookie an answer sets. */
export const cookieIn = (answer: Answer): string => answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';

const tokenIn = (answer: Answer, status: number): string => {
  if (answer.status !== status) throw new Error(`signing in answered ${answer.status} ${answer.text}`);
  return (answer.json() as { access_token: string }).access_token;
};

/** KOReader's checksum of a file: MD5 over a kilobyte at 0, 1 KiB, 4 KiB, 16 KiB and so on (util.partialMD5). */
export const koreaderChecksum = (bytes: Uint8Array): string => {
  const hash = createHash('md5');
  for (const offset of [0, ...Array.from({ length: 11 }, (_, step) => 1024 * 4 ** step)]) {
    if (offset >= bytes.length) break;
    hash.update(bytes.subarray(offset, offset + 1024));
  }
  return hash.digest('hex');
};
