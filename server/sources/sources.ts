// Where books and reading come from: folders and statistics files, given at start or added in the desk.
import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { parse, resolve, sep } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { AppError, conflict, forbidden, invalid, notFound } from '../base/errors.ts';
import { expandHome } from '../base/home-folder.ts';
import type { Clock } from '../base/clock.ts';
import { newId } from '../base/ids.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { UnreadableFile } from '../formats/book.ts';
import type { Pool } from '../formats/workers/pool.ts';
import type { JobRow } from '../jobs/jobs.queries.ts';
import { importOf, importStatistics } from './import-statistics.ts';
import { scanFolder, scanOf } from './scan-job.ts';
import type { Jobs } from '../jobs/runner.ts';
import { selectSeenExtras } from '../koreader/extras.queries.ts';
import { forgetExtras } from '../koreader/ingest-extra.ts';
import { forgetSidecars } from '../koreader/ingest-sidecar.ts';
import { selectSeenSidecars } from '../koreader/sidecars.queries.ts';
import { forgetFiles } from '../library/intake.ts';
import { selectSeenFiles } from '../library/intake.queries.ts';
import {
  countFiles,
  deleteFolder,
  deleteUngivenSources,
  deleteStatisticsFile,
  putFolder,
  putStatisticsFile,
  selectFailures,
  selectFolder,
  selectFolders,
  selectProtectedFiles,
  selectStatisticsFiles,
  unfixSources,
} from './sources.queries.ts';
import type { FailureRow, LibraryFolder, ProtectedFile, StatisticsFile } from './sources.queries.ts';
import { errorCode } from '../base/error-code.ts';

const FORGET_AT_ONCE = 50;

export type FolderKind = LibraryFolder['kind'];
export type Sources = ReturnType<typeof createSources>;

/** Returns the verbs of sources. Everything belongs to the shelf owner. */
export function createSources(parts: {
  catalogue: Catalogue;
  clock: Clock;
  jobs: Jobs;
  pool: Pool;
  dataDir: string;
  scratchDir: string;
}) {
  const { catalogue, clock, jobs, pool, dataDir, scratchDir } = parts;
  /** What the command line names and cannot be part of the library. */
  let refused: Refused[] = [];

  function folderOf(ownerId: string, folderId: string): LibraryFolder {
    const folder = catalogue.read((db) => selectFolder(db, folderId));
    if (folder?.ownerId !== ownerId) throw notFound('folder', folderId);
    return folder;
  }

  async function mustBeStatistics(path: string): Promise<void> {
    await pool.run('check-statistics', { path, scratchDir }).catch((error: unknown) => {
      if (!(error instanceof UnreadableFile)) throw error;
      // KOReader is writing it just now: what it is was seen.
      if (error.reason === 'changed') return;
      throw invalid(error.message, { cause: error, details: { fields: { path: error.message } } });
    });
  }

  return {
    folders: (ownerId: string): (LibraryFolder & { files: number })[] =>
      catalogue.read((db) => {
        const files = countFiles(db, ownerId);
        return selectFolders(db, ownerId).map((folder) => ({
          ...folder,
          files: files.get(folder.folderId) ?? 0,
        }));
      }),

    /** Returns the given folders, or statistics files, that cannot be used, in the order they were given. */
    refused: (what: Refused['what']): Refused[] => refused.filter((each) => each.what === what),

    statisticsFiles: (ownerId: string): StatisticsFile[] =>
      catalogue.read((db) => selectStatisticsFiles(db, ownerId)),

    /** Returns files that could not be read, newest first. */
    failures: (ownerId: string, limit: number): FailureRow[] =>
      catalogue.read((db) => selectFailures(db, ownerId, limit)),

    /** Returns files whose text is locked to their seller's own programs, by name. */
    protectedFiles: (ownerId: string, limit: number): { files: ProtectedFile[]; total: number } =>
      catalogue.read((db) => selectProtectedFiles(db, ownerId, limit)),

    /**
     * Adds a folder and starts scanning it; a `fixed` one may be away. Throws invalid when it is none or too much to be one,
     * conflict when it lies in another one, and with the code `home_folder` for a home folder unless the person is `sure`.
     */
    async addFolder(
      ownerId: string,
      path: string,
      how: { kind?: FolderKind; fixed?: boolean; sure?: boolean } = {},
    ): Promise<LibraryFolder> {
      const { fixed = false, sure = fixed } = how;
      const real = await realDirectory(path).catch((error: unknown) => whereItWillBe(path, error, fixed));
      await mustBeReasonable(real, dataDir, sure);
      const folder = catalogue.write({}, (db) => {
        for (const other of selectFolders(db, ownerId)) {
          const known = other.path.toString();
          if (known === real) continue;
          if (other.kind !== (how.kind ?? 'library')) continue;
          if (contains(known, real)) throw conflict(`This folder is already part of ${known}.`);
          if (contains(real, known)) throw conflict(`${known} is part of this folder. Remove it first.`);
        }
        return putFolder(db, {
          folderId: newId(clock.now()),
          ownerId,
          path: Buffer.from(real),
          kind: how.kind ?? 'library',
          fixed,
          addedAt: clock.now(),
        });
      });
      jobs.add(scanFolder, scanOf(folder));
      return folder;
    },

    /** Takes a folder out of the library; what the person wrote in its books stays. Throws not_found, forbidden for a fixed one. */
    async removeFolder(ownerId: string, folderId: string): Promise<void> {
      const folder = folderOf(ownerId, folderId);
      if (folder.fixed)
        throw forbidden('This folder was given when the server was started. Start it without to remove it.');
      for (const job of jobs.list(ownerId, 200)) {
        if (job.state !== 'done' && (job.payload as { folderId?: string }).folderId === folderId)
          jobs.cancel(ownerId, job.jobId);
      }
      for (let left = true; left;) {
        left = catalogue.write({ durable: false }, (db) => {
          const sidecars = selectSeenSidecars(db, folderId, Buffer.alloc(0), FORGET_AT_ONCE);
          forgetSidecars(db, ownerId, sidecars, clock.now());
          const extras = selectSeenExtras(db, folderId, Buffer.alloc(0), FORGET_AT_ONCE);
          forgetExtras(db, ownerId, extras, clock.now());
          const files = selectSeenFiles(db, folderId, Buffer.alloc(0), FORGET_AT_ONCE);
          forgetFiles(db, ownerId, files, clock.now());
          return sidecars.length + extras.length + files.length > 0;
        });
        await breathe();
      }
      catalogue.write({}, (db) => deleteFolder(db, folderId));
      jobs.forget(scanFolder, scanOf(folder));
    },

    /** Starts looking through a folder. Throws not_found. */
    lookInto(ownerId: string, folderId: string): JobRow {
      return jobs.add(scanFolder, scanOf(folderOf(ownerId, folderId)));
    },

    /**
     * Lets go of the files a scan did not find, by the person's word: starts a look that forgets them, and asks again when even
     * more is not there. Throws not_found, conflict when nothing is asked of this folder.
     */
    letGo(ownerId: string, folderId: string): JobRow {
      const folder = folderOf(ownerId, folderId);
      if (folder.missing === null) throw conflict('Nothing is missing in this folder any more.');
      const { payload, subject } = scanOf(folder);
      return jobs.add(scanFolder, {
        ownerId,
        payload: { ...payload, agreed: folder.missing.files },
        subject,
      });
    },

    /** Looks once more through the folders that miss files: what one lost, another may have. */
    lookForMissing(ownerId: string): void {
      for (const folder of catalogue.read((db) => selectFolders(db, ownerId)))
        if (folder.missing !== null) jobs.add(scanFolder, scanOf(folder));
    },

    /** Adds a statistics file and starts importing it; a `fixed` one may be away. Throws invalid when it is none of KOReader's. */
    async addStatisticsFile(
      ownerId: string,
      path: string,
      how: { fixed?: boolean } = {},
    ): Promise<StatisticsFile> {
      const { fixed = false } = how;
      const real = await realFile(path).catch((error: unknown) => whereItWillBe(path, error, fixed));
      if (!fixed) await mustBeStatistics(real);
      const now = clock.now();
      const file = catalogue.write({}, (db) =>
        putStatisticsFile(db, {
          fileId: newId(now),
          ownerId,
          path: Buffer.from(real),
          fixed,
          addedAt: now,
        }),
      );
      jobs.add(importStatistics, importOf(file));
      return file;
    },

    /** Stops reading a statistics file; the reading it told of stays. Throws not_found, forbidden for a fixed one. */
    removeStatisticsFile(ownerId: string, fileId: string): void {
      const removed = catalogue.write({}, (db) => {
        const file = selectStatisticsFiles(db, ownerId).find((each) => each.fileId === fileId);
        if (file === undefined) throw notFound('statistics file', fileId);
        if (file.fixed)
          throw forbidden('This file was given when the server was started. Start it without to remove it.');
        deleteStatisticsFile(db, fileId);
        return file;
      });
      jobs.forget(importStatistics, importOf(removed));
    },

    /** Starts a scan of every folder and an import of every statistics file; what runs already is not doubled. */
    scanAll(ownerId: string) {
      const folders = catalogue.read((db) => selectFolders(db, ownerId));
      const files = catalogue.read((db) => selectStatisticsFiles(db, ownerId));
      return [
        ...folders.map((folder) => jobs.add(scanFolder, scanOf(folder))),
        ...files.map((file) => jobs.add(importStatistics, importOf(file))),
      ];
    },

    /**
     * Makes what the command line names part of the library; what an earlier one named can now be removed in the desk, and
     * leaves when it was never there. Returns what is away or cannot be used, with the reason.
     */
    async settle(
      ownerId: string,
      given: { folders: { path: string; kind: FolderKind }[]; statistics: string[] },
    ): Promise<{ path: string; error: unknown }[]> {
      const problems: { path: string; error: unknown }[] = [];
      refused = [];
      const neverThere = catalogue.write({}, unfixSources);
      const attempt = async (what: Refused['what'], path: string, work: () => Promise<unknown>) => {
        const add = (error: unknown) => void problems.push({ path, error });
        await realPath(path, what === 'folder' ? 'folder' : 'file').catch(add);
        await work().catch((error: unknown) => {
          if (!problems.some((each) => each.path === path)) add(error);
          const message = error instanceof AppError ? error.message : 'It cannot be used.';
          refused.push({ what, path, message });
        });
      };
      for (const { path, kind } of given.folders)
        await attempt('folder', path, () => this.addFolder(ownerId, path, { kind, fixed: true }));
      for (const path of given.statistics)
        await attempt('statistics', path, () => this.addStatisticsFile(ownerId, path, { fixed: true }));
      catalogue.write({}, (db) => deleteUngivenSources(db, neverThere));
      return problems;
    },
  };
}

export type Refused = { what: 'folder' | 'statistics'; path: string; message: string };

/** Where a given folder or file that is not there now is looked for. Throws the error when it is another one. */
function whereItWillBe(path: string, error: unknown, fixed: boolean): string {
  if (fixed && error instanceof AppError && errorCode(error.cause) === 'ENOENT')
    return resolve(expandHome(path));
  throw error;
}

/** Throws invalid for a whole drive, and for the program's own data and what is around it; asks about a home folder. */
async function mustBeReasonable(real: string, dataDir: string, sure: boolean): Promise<void> {
  const choose = 'Choose the folder your books are in.';
  if (parse(real).root === real) throw refusal(`This is a whole drive. ${choose}`);
  if (contains(dataDir, real)) throw refusal(`This is where Papyrus Shelf keeps its own data. ${choose}`);
  const home = await realpath(homedir()).catch(() => undefined);
  if (real === home) {
    if (!sure)
      throw conflict(
        'This is your whole home folder: everything in it that looks like a book would be read.',
        {
          code: 'home_folder',
        },
      );
  } else if (contains(real, dataDir)) {
    throw refusal(`Papyrus Shelf keeps its own data in this folder. ${choose}`);
  }
}

const refusal = (message: string) => invalid(message, { details: { fields: { path: message } } });

const contains = (outer: string, inner: string) =>
  inner === outer || inner.startsWith(outer.endsWith(sep) ? outer : outer + sep);

async function realDirectory(path: string): Promise<string> {
  const real = await realPath(path, 'folder');
  if (!(await stat(real)).isDirectory()) throw invalid('This is a file, not a folder.');
  return real;
}

async function realFile(path: string): Promise<string> {
  const real = await realPath(path, 'file');
  if (!(await stat(real)).isFile()) throw invalid('This is a folder, not a file.');
  return real;
}

async function realPath(path: string, what: string): Promise<string> {
  try {
    const real = await realpath(expandHome(path));
    await access(real, constants.R_OK);
    return real;
  } catch (error) {
    const message =
      errorCode(error) === 'ENOENT'
        ? `There is no such ${what} on this computer.`
        : `This ${what} cannot be opened.`;
    throw invalid(message, { cause: error, details: { fields: { path: message } } });
  }
}
