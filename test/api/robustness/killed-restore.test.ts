// A restore that is cut off by a kill, wherever it is: the library is as it was, or as it is to be, and nothing is lost.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { BackupList, JobList } from '../../../server/api/desk/schemas.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { writeFiles } from '../../support/server.ts';
import { CATALOGUE, integrityOf, isOver, makePlace } from './process.ts';
import type { Place, ServerProcess } from './process.ts';

let place: Place;
beforeEach(() => {
  place = makePlace();
  const description = 'a long word '.repeat(4000);
  const books = Array.from({ length: 60 }, (_, n) => [
    `${n}.epub`,
    makeEpub({ title: `Book ${n}`, identifiers: [`urn:${n}`], description: `${n} ${description}` }),
  ]);
  writeFiles(place.library, Object.fromEntries(books) as Record<string, Uint8Array>);
});
afterEach(() => place.clear());

const MARKER = 'restore-next.json';
const backupsOf = async (server: ServerProcess) =>
  ((await server.desk('GET', '/backups')).json() as BackupList).backups;
const filesOf = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await pause(1);
}
const isIdle = async (server: ServerProcess): Promise<boolean> =>
  ((await server.desk('GET', '/jobs')).json() as JobList).jobs.every(isOver);

it('plans nothing before the library as it is now lies proven beside it', async () => {
  const first = place.start();
  await first.scan(isOver);
  await first.desk('POST', '/backups');
  await until(() => isIdle(first));
  const [chosen] = await backupsOf(first);
  writeFiles(place.library, { 'late.epub': makeEpub({ title: 'Late' }) });
  await first.rescan();
  await until(() => isIdle(first));
  const folder = join(place.data, 'backups');
  const before = filesOf(folder).length;
  await first.desk('POST', `/backups/${chosen?.backup_id}/restore`);
  await until(() => filesOf(folder).length > before);
  expect(existsSync(join(place.data, MARKER))).toBe(false);
  first.kill('SIGKILL');
  await first.ended;
  expect(existsSync(join(place.data, MARKER))).toBe(false);

  // The job goes on; from when it has planned, there is a good copy of what will be replaced.
  const second = place.start();
  await until(() => isIdle(second));
  expect(await second.titles()).toContain('Late');
  expect((await backupsOf(second)).map(({ reason, state, planned }) => [reason, state, planned])).toEqual([
    ['restore', 'good', false],
    ['asked', 'good', true],
  ]);
  second.kill('SIGKILL');
  await second.ended;

  const third = place.start();
  expect(await third.titles()).not.toContain('Late');
  third.kill('SIGKILL');
  await third.ended;
  expect(filesOf(folder).filter((name) => name.includes('.partial'))).toEqual([]);
  expect(filesOf(place.data)).toContain('papyrus-shelf.replaced-1.sqlite');
  expect(integrityOf(join(place.data, 'papyrus-shelf.replaced-1.sqlite'))).toBe('ok');
  expect(integrityOf(join(place.data, CATALOGUE))).toBe('ok');
}, 120_000);
