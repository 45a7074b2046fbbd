// `npm run verify -- FOLDER` imports a folder and compares what we read of each file with FOLDER/expected.json, which
// holds what other programs read of it; then what the API answers about reading with what SQL counts. Exits 1 when a
// checksum or a figure of KOReader's differs, or a file that expected.json names is missing.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  closeSync,
  rmSync,
  fstatSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, extname, join, resolve } from 'node:path';
import { partialMd5, sha256 } from '../server/formats/hashes.ts';
import { compareBook, refusedBook } from './verify/books.ts';
import { compare, notRead, said } from './verify/comparison.ts';
import type { Comparison } from './verify/comparison.ts';
import { at, readExpected } from './verify/expected.ts';
import type { Readings } from './verify/expected.ts';
import { explain } from './verify/explained.ts';
import { importFolders, importStatistics } from './verify/import.ts';
import type { ImportedFile, ImportedSidecar, Refusal } from './verify/import.ts';
import { countBooks } from './verify/moment.ts';
import { compareFolderReading } from './verify/reading-cases.ts';
import { differenceLines, verdictTable } from './verify/report.ts';
import { compareSidecar } from './verify/sidecars.ts';
import { compareStatistics, isStatistics } from './verify/statistics.ts';

const SIDECAR = /(?:^|\.)metadata\.([^.]+)\.lua(\.old)?$/;

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));

async function main([given]: string[]): Promise<number> {
  if (given === undefined || !existsSync(join(given, 'expected.json'))) {
    process.stderr.write('verify: name a folder that has an expected.json: npm run verify -- FOLDER\n');
    return 2;
  }
  const scratch = mkdtempSync(join(tmpdir(), 'verify-'));
  try {
    return await verify(resolve(given), scratch);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function verify(folder: string, scratch: string): Promise<number> {
  const listed = readExpected(folder);
  const missing = [...listed.keys()].filter((path) => !existsSync(join(folder, path)));
  const expected = new Map([...listed].filter(([path]) => !missing.includes(path)));
  const staged = stageSidecars(folder, [...expected.keys()], join(scratch, 'staged'));
  const imported = await importFolders([folder, join(scratch, 'staged')], scratch);

  const comparisons: Comparison[] = [];
  const refused: string[] = [];
  const notTaken = new Map<string, number>();
  for (const [path, readings] of expected) {
    const file = imported.files.get(join(folder, path));
    const sidecar = imported.sidecars.get(staged.get(path) ?? join(folder, path));
    const found = isStatistics(readings)
      ? { ...(await compareDatabase(folder, path, readings, scratch)), isTaken: true }
      : compareFile(path, { file, sidecar }, readings);
    comparisons.push(...compareHashes(folder, path, file, readings), ...found.comparisons);
    if (found.refusal !== undefined) refused.push(`${path} · ${found.refusal}\n`);
    if (!found.isTaken) notTaken.set(extname(path), (notTaken.get(extname(path)) ?? 0) + 1);
  }
  comparisons.push(...(await compareFolderReading(folder, expected, scratch)));
  const judged: Comparison[] = [];
  for (const comparison of comparisons) judged.push(await explain(comparison, folder));
  const byField = Map.groupBy(judged, ({ field }) => field);
  const ordered = [...byField.values()].flat();
  const kinds = [...notTaken].map(([ending, count]) => `${count} ${ending}`).join(', ');
  process.stdout.write(
    `${verdictTable(ordered)}\nNot a book, sidecar or statistics database by its name: ${kinds || 'none'}\n` +
      `\nMissing (${missing.length}):\n${missing.map((path) => `${path}\n`).join('')}` +
      `\nRefused (${refused.length}):\n${refused.join('')}` +
      `\nExplained:\n${differenceLines(ordered, 'explained')}\nDifferences:\n${differenceLines(ordered)}`,
  );
  const count = (is: (each: Comparison) => boolean) => ordered.filter(is).length;
  const faults = count(({ verdict, isExact }) => verdict === 'differs' && isExact);
  process.stdout.write(
    `\n${expected.size} files, ${missing.length} missing, ${faults} checksums or figures differ, ` +
      `${count(({ verdict }) => verdict === 'differs') - faults} descriptions differ, ` +
      `${count(({ verdict }) => verdict === 'explained')} explained\n`,
  );
  return faults + missing.length > 0 ? 1 : 0;
}

/**
 * Sidecars that lie somewhere else than beside a book, as copies for testing do, are put where the scan looks for them:
 * each into a folder of its own.
 */
function stageSidecars(folder: string, paths: string[], to: string): Map<string, string> {
  mkdirSync(to);
  const staged = new Map<string, string>();
  for (const path of paths) {
    const [, suffix] = SIDECAR.exec(basename(path)) ?? [];
    if (suffix === undefined || /\.sdr\/[^/]+$/.test(path)) continue;
    const place = join(to, `${staged.size}.sdr`, `metadata.${suffix}.lua`);
    mkdirSync(join(place, '..'));
    copyFileSync(join(folder, path), place);
    staged.set(path, place);
  }
  return staged;
}

type Found = { comparisons: Comparison[]; refusal?: string; isTaken: boolean };

function compareFile(
  path: string,
  ours: { file: ImportedFile | undefined; sidecar: ImportedSidecar | undefined },
  readings: Readings,
): Found {
  const { file, sidecar } = ours;
  if (sidecar !== undefined) {
    const comparisons = compareSidecar(path, sidecar.sidecar, readings);
    return { comparisons, isTaken: true, ...refusalText(sidecar.refusal) };
  }
  if (file === undefined) return { comparisons: [], isTaken: false };
  const comparisons = file.book === undefined ? refusedBook(path) : compareBook(path, file.book, readings);
  return { comparisons, isTaken: true, ...refusalText(file.refusal) };
}

async function compareDatabase(
  folder: string,
  path: string,
  readings: Readings,
  scratch: string,
): Promise<Omit<Found, 'isTaken'>> {
  const figures = await importStatistics([join(folder, path)], scratch);
  const comparisons = compareStatistics(path, figures, readings, countBooks(join(folder, path), scratch));
  return { comparisons, ...(figures.refusal === undefined ? {} : { refusal: figures.refusal }) };
}

function refusalText(refusal: Refusal | undefined): { refusal?: string } {
  return refusal === undefined ? {} : { refusal: `${refusal.reason} · ${refusal.message}` };
}

/** What the catalogue keeps of a book file; for files it does not keep, what the same functions give. */
function compareHashes(
  folder: string,
  path: string,
  file: ImportedFile | undefined,
  readings: Readings,
): Comparison[] {
  const theirs = {
    sha256: said(at(readings, 'sha256')),
    'partial md5': said(at(readings, 'koreader_partial_md5')),
  };
  if (!existsSync(join(folder, path))) return Object.keys(theirs).map((field) => notRead(path, field));
  const direct = hashesOf(join(folder, path));
  const ours = {
    sha256: file?.sha256 ?? direct.sha256,
    'partial md5': file?.partialMd5 ?? direct.partialMd5,
  };
  return (['sha256', 'partial md5'] as const).map((field) =>
    compare({
      path,
      field,
      ours: ours[field],
      claims: [{ tool: field === 'sha256' ? 'sha256sum' : 'KOReader', value: theirs[field] }],
      isExact: true,
    }),
  );
}

function hashesOf(path: string): { partialMd5: string; sha256: string } {
  const fd = openSync(path, 'r');
  try {
    return { partialMd5: partialMd5(fd, fstatSync(fd).size), sha256: sha256(fd) };
  } finally {
    closeSync(fd);
  }
}
