// Backups of the catalogue: copied while the server goes on, restored into a scratch folder and looked through before one
// is called good. Keys and passwords of other services lie outside the catalogue and are in no backup.
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, conflict, diskTrouble, notFound, unavailable } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import { newId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { copyCatalogue, dropRestore, plannedRestore, planRestore } from '../catalogue/copy.ts';
import type { NextRestore, TableCounts } from '../catalogue/copy.ts';
import type { Pool } from '../formats/workers/pool.ts';
import type { FileBytes } from '../storage/file-bytes.ts';
import {
  deleteBackup,
  insertBackup,
  selectBackup,
  selectBackups,
  selectSample,
  updateBackup,
} from './backups.queries.ts';
import type { BackupRow, SampleFile } from './backups.queries.ts';
import { proveFile } from './prove-file.ts';
import { backupsToDrop } from './rotation.ts';
import type { Keep } from './rotation.ts';

const SAMPLE = 5;
/** Failed ones are told of, this many. */
const FAILED_KEPT = 3;
const CHECK_MS = 30 * 60 * 1000;

export type Work = { signal: AbortSignal; onPart: (part: number) => void };
export type { BackupRow } from './backups.queries.ts';

export type Backups = ReturnType<typeof createBackups>;

/** Returns the verbs of backups. `dayOf` says which day a moment belongs to, for how long they are kept. */
export function createBackups(feature: {
  catalogue: Catalogue;
  clock: Clock;
  pool: Pool;
  fileBytes: FileBytes;
  log: Log;
  dataDir: string;
  scratchDir: string;
  keep: () => Keep;
  dayOf: (moment: Date) => string;
}) {
  const { catalogue, clock, pool, fileBytes, log, dataDir, scratchDir, keep, dayOf } = feature;
  const folder = join(dataDir, 'backups');
  const pathOf = (name: string) => join(folder, name);
  const descriptionOf = (name: string) => `${pathOf(name)}.json`;
  const remove = async (name: string): Promise<void> => {
    const partial = `${pathOf(name)}.partial`;
    for (const path of [pathOf(name), partial, `${partial}-journal`, descriptionOf(name)])
      await rm(path, { force: true });
  };

  /** Restores the copy into the scratch folder and looks it through. Throws unavailable with what is wrong. */
  async function prove(path: string, counts: TableCounts, signal: AbortSignal): Promise<void> {
    const restored = join(scratchDir, `restored-${newId()}.sqlite`);
    try {
      await copyFile(path, restored);
      const found = await pool.run('check-database', { path: restored }, { signal, timeoutMs: CHECK_MS });
      const [problem] = found.problems;
      if (problem !== undefined)
        throw unavailable('The copy is damaged and cannot be used.', { cause: new Error(problem) });
      const wrong = Object.keys({ ...counts, ...found.counts }).find(
        (name) => counts[name] !== found.counts[name],
      );
      if (wrong !== undefined) throw unavailable('The copy does not hold what the library held.');
    } finally {
      for (const ending of ['', '-wal', '-shm']) await rm(restored + ending, { force: true });
    }
  }

  /** Drops what is kept no longer; `keptId` outlives it. */
  async function rotate(keptId: string | undefined): Promise<void> {
    const rows = catalogue.read(selectBackups);
    const planned = plannedRestore(dataDir)?.backupId;
    const failed = rows.filter(({ state }) => state === 'failed').slice(FAILED_KEPT);
    const drop = new Set([
      ...failed.map(({ backupId }) => backupId),
      ...backupsToDrop(
        rows.filter(({ state }) => state === 'good'),
        keep(),
        dayOf,
      ),
    ]);
    for (const { backupId, name } of rows) {
      if (!drop.has(backupId) || backupId === planned || backupId === keptId) continue;
      await remove(name);
      catalogue.write({}, (db) => deleteBackup(db, backupId));
    }
  }

  async function make(
    reason: BackupRow['reason'],
    { signal, onPart }: Work,
    keptId?: string,
  ): Promise<BackupRow> {
    const createdAt = clock.now();
    const backupId = newId(createdAt);
    const name = `papyrus-shelf-${createdAt.toISOString().slice(0, 19).replace(/[T:]/g, '-')}-${backupId.slice(-6)}.sqlite`;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    catalogue.write({}, (db) => insertBackup(db, { backupId, name, reason, state: 'making', createdAt }));
    try {
      const partial = `${pathOf(name)}.partial`;
      const snapshot = catalogue.snapshot();
      let counts: TableCounts;
      let sample: SampleFile[];
      try {
        sample = selectSample(snapshot.db, SAMPLE);
        const half = { signal, onPart: (part: number) => onPart(part / 2) };
        counts = await copyCatalogue(snapshot, partial, half);
      } finally {
        snapshot.close();
      }
      await prove(partial, counts, signal);
      onPart(0.9);
      for (const file of sample) await proveFile({ catalogue, fileBytes }, file, signal);
      await rename(partial, pathOf(name));
      const sizeBytes = (await stat(pathOf(name))).size;
      const checkedAt = clock.now();
      const described = { backupId, reason, sizeBytes, counts, createdAt, checkedAt };
      await writeFile(descriptionOf(name), JSON.stringify(described), { mode: 0o600 });
      catalogue.write({}, (db) =>
        updateBackup(db, backupId, { state: 'good', sizeBytes, counts, checkedAt }),
      );
      onPart(1);
    } catch (error) {
      await remove(name);
      if (signal.aborted) {
        catalogue.write({}, (db) => deleteBackup(db, backupId));
        throw error;
      }
      const said =
        error instanceof AppError
          ? error.message
          : (diskTrouble(error) ?? 'Something went wrong; the log has the details.');
      catalogue.write({}, (db) =>
        updateBackup(db, backupId, { state: 'failed', error: said, checkedAt: clock.now() }),
      );
      throw error instanceof AppError ? error : unavailable(said, { cause: error });
    }
    await rotate(keptId);
    return get(backupId);
  }

  function get(backupId: string): BackupRow {
    const row = catalogue.read((db) => selectBackup(db, backupId));
    if (row === undefined) throw notFound('backup', backupId);
    return row;
  }

  return {
    /** Makes a backup and proves it. Throws unavailable with what is wrong; the backup is then called failed. */
    make: (reason: BackupRow['reason'], work: Work): Promise<BackupRow> => make(reason, work),
    get,

    /** Returns every backup, newest first. */
    list: (): BackupRow[] => catalogue.read(selectBackups),

    /**
     * Proves a backup once more, keeps the library as it is now in another one, and plans the chosen one for the next
     * start. Throws not_found, conflict for one that is not good, unavailable.
     */
    async restore(backupId: string, work: Work): Promise<void> {
      const chosen = get(backupId);
      if (chosen.state !== 'good') throw conflict('This backup is not good and cannot be restored.');
      try {
        await prove(pathOf(chosen.name), chosen.counts ?? {}, work.signal);
      } catch (error) {
        if (work.signal.aborted) throw error;
        const message = 'The backup is damaged or gone: it was not restored.';
        catalogue.write({}, (db) => updateBackup(db, backupId, { state: 'failed', error: message }));
        throw unavailable(message, { cause: error });
      }
      // Only when the library as it is now lies proven beside it: whoever dies in between loses nothing.
      await make('restore', work, backupId);
      planRestore(dataDir, { backupId, name: chosen.name });
    },

    /** Returns which backup is put in place at the next start. */
    planned: (): NextRestore | undefined => plannedRestore(dataDir),

    /** Takes a planned restore back. */
    keepAsItIs: (): void => dropRestore(dataDir),

    /** Removes a backup. Throws not_found, conflict while it is made or planned. */
    async remove(backupId: string): Promise<void> {
      const { name, state } = get(backupId);
      if (state === 'making') throw conflict('This backup is being made.');
      if (plannedRestore(dataDir)?.backupId === backupId)
        throw conflict('This backup takes the place of the library at the next start.');
      await remove(name);
      catalogue.write({}, (db) => deleteBackup(db, backupId));
    },

    /**
     * Makes the list true at a start: what a dead process left half made goes, copies that are gone are not listed, and
     * those a restored library does not know of are.
     */
    async settle(): Promise<void> {
      const names = new Set(await readdir(folder).catch((): string[] => []));
      const rows = catalogue.read(selectBackups);
      for (const { backupId, name, state } of rows) {
        if (state === 'making' && names.has(name) && names.has(`${name}.json`)) continue;
        if (state === 'making') await remove(name);
        if (state === 'making' || (state === 'good' && !names.has(name)))
          catalogue.write({}, (db) => deleteBackup(db, backupId));
      }
      for (const name of names) {
        const isHalf = /\.partial(?:-journal|-wal|-shm)?$/.test(name);
        const copy = name.endsWith('.sqlite.json') ? name.slice(0, -'.json'.length) : undefined;
        // A process that was killed while it removed a copy left the description alone.
        if (isHalf || (copy !== undefined && !names.has(copy))) await rm(join(folder, name), { force: true });
        else if (copy !== undefined) await adopt(copy);
      }
    },
  };

  /** Lists a proven copy this library does not know of: it was made after the one that was restored. */
  async function adopt(name: string): Promise<void> {
    try {
      const said = JSON.parse(await readFile(descriptionOf(name), 'utf8')) as Omit<
        BackupRow,
        'createdAt' | 'checkedAt'
      > & { createdAt: string; checkedAt: string };
      const { backupId, reason, sizeBytes, counts } = said;
      const [createdAt, checkedAt] = [new Date(said.createdAt), new Date(said.checkedAt)];
      catalogue.write({}, (db) => {
        // A copy knows itself as one that is being made.
        const row = { name, reason, sizeBytes, counts, createdAt, checkedAt, state: 'good' as const };
        if (selectBackup(db, backupId)?.state === 'making') updateBackup(db, backupId, row);
        else insertBackup(db, { ...row, backupId });
      });
    } catch (error) {
      log.warn('a backup without a good description stays unlisted', { error });
    }
  }
}
