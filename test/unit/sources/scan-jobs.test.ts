import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../server/base/log.ts';
import { selectFolders } from '../../../server/sources/sources.queries.ts';
import { handle } from '../../../server/jobs/kinds.ts';
import { MOST_PATHS, scanFolder, scanOf } from '../../../server/sources/scan-job.ts';
import { createJobs } from '../../../server/jobs/runner.ts';
import { openShelf } from '../../support/catalogue.ts';

/** Scans that only wait: the first one runs for ever. */
function open() {
  const shelf = openShelf();
  const { catalogue, clock, events, ownerId } = shelf;
  const jobs = createJobs({ catalogue, clock, events, log: silentLog() });
  // What a scan is made of is of no matter here: it never reads.
  jobs.start([handle(scanFolder, () => new Promise(() => {}))]);
  const [folder] = catalogue.read((db) => selectFolders(db, ownerId));
  const add = (...paths: string[]) =>
    jobs.add(
      scanFolder,
      scanOf(folder!, paths.length === 0 ? undefined : paths.map((path) => Buffer.from(path))),
    );
  const list = () =>
    jobs.list(ownerId).map(({ state, payload }) => {
      const { paths } = payload as { paths?: string[] };
      return { state, paths: paths?.map((path) => Buffer.from(path, 'base64').toString()) ?? 'all' };
    });
  return { add, list };
}

describe('files that arrive during a scan', () => {
  it('are one look that waits, however many they are', () => {
    const { add, list } = open();
    add();
    const names = Array.from({ length: 20 }, (_, n) => `/books/${n}.epub`);
    for (const name of names) expect(add(name).state).toBe('waiting');
    expect(list()).toEqual([
      { state: 'waiting', paths: names },
      { state: 'running', paths: 'all' },
    ]);
  });

  it('are looked at once, also where one lies in a folder that came too', () => {
    const { add, list } = open();
    add();
    add('/books/new/a.epub', '/books/b.epub');
    add('/books/b.epub', '/books/new');
    expect(list()[0]).toEqual({ state: 'waiting', paths: ['/books/b.epub', '/books/new'] });
  });

  it('go with a look at everything, and too many of them become one', () => {
    const { add, list } = open();
    add('/books/a.epub');
    add('/books/b.epub');
    add();
    add('/books/c.epub');
    expect(list()).toEqual([
      { state: 'waiting', paths: 'all' },
      { state: 'running', paths: ['/books/a.epub'] },
    ]);
    const other = open();
    other.add();
    other.add('/books/a.epub');
    other.add(...Array.from({ length: MOST_PATHS }, (_, n) => `/books/${n}.epub`));
    expect(other.list()).toEqual([
      { state: 'waiting', paths: 'all' },
      { state: 'running', paths: 'all' },
    ]);
  });
});
