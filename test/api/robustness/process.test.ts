import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FailureList, Job } from '../../../server/api/desk/schemas.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { writeFiles } from '../../support/server.ts';
import { CATALOGUE, integrityOf, isOver, makePlace, startProcess } from './process.ts';
import type { Place, ServerProcess } from './process.ts';

let place: Place;
beforeEach(() => {
  place = makePlace();
});
afterEach(() => place.clear());

const COUNT = 250;
const fill = (count: number): void => {
  const books = Array.from({ length: count }, (_, n) => [
    `${n}.epub`,
    makeEpub({ title: `Book ${n}`, identifiers: [`urn:${n}`] }),
  ]);
  writeFiles(place.library, Object.fromEntries(books) as Record<string, Uint8Array>);
};
const titlesOf = (count: number): string[] => Array.from({ length: count }, (_, n) => `Book ${n}`).sort();
const isUnderWay = (job: Job) => job.state === 'running' && job.done_units >= 10;

describe('a server that is killed in the middle of a scan', () => {
  it('goes on at the next start where it was, with every book once and a sound file', async () => {
    fill(COUNT);
    const first = place.start();
    const { job_id } = await first.scan(isUnderWay);
    first.kill('SIGKILL');
    expect(await first.ended).toMatchObject({ signal: 'SIGKILL' });

    const second = place.start();
    const job = await second.scan(isOver);
    expect(job).toMatchObject({ job_id, state: 'done', counts: { seen: COUNT, failed: 0 } });
    expect(job.counts?.unchanged).toBeGreaterThan(0);
    expect(await second.titles()).toEqual(titlesOf(COUNT));
    second.kill('SIGTERM');
    expect(await second.ended).toMatchObject({ code: 0 });
    expect(integrityOf(join(place.data, CATALOGUE))).toBe('ok');
  });
});

describe('a server that is told to stop in the middle of a scan', () => {
  it('ends within five seconds and goes on at the next start', async () => {
    fill(COUNT);
    // Twice: what goes wrong while threads are ended does not go wrong every time.
    for (let time = 1; time <= 2; time++) {
      const server = place.start();
      await server.scan(isUnderWay);
      const asked = performance.now();
      server.kill('SIGTERM');
      expect(await server.ended).toMatchObject({ code: 0, signal: null });
      expect(performance.now() - asked).toBeLessThan(5000);
      expect(integrityOf(join(place.data, CATALOGUE))).toBe('ok');
    }

    const last = place.start();
    const job = await last.scan(isOver);
    expect(job).toMatchObject({ state: 'done', counts: { seen: COUNT, failed: 0 } });
    expect(job.counts?.unchanged).toBeGreaterThan(0);
    expect(await last.titles()).toEqual(titlesOf(COUNT));
  });
});

describe('a second server', () => {
  it('is told that the data folder is in use, and does not disturb the first', async () => {
    const first = place.start();
    await first.ready;
    expect(await place.start().ended).toEqual({
      code: 1,
      signal: null,
      out: '',
      err: `The data folder ${place.data} is in use by another Papyrus Shelf. Close that one first, or start this one with another --data-dir.\n`,
    });
    expect(await first.titles()).toEqual([]);
  });
});

describe('an option nobody knows', () => {
  it('is named, and nothing is started', async () => {
    expect(await startProcess(['--colour']).ended).toEqual({
      code: 2,
      signal: null,
      out: '',
      err: 'Unknown option --colour. See --help.\n',
    });
  });
});

describe('a folder that may not be opened', () => {
  // Permission bits do not hold root back unless it gives up the power to pass them over (capabilities(7)).
  const asPlainUser =
    process.getuid?.() === 0
      ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search', '--inh-caps=-all']
      : [];
  const failuresOf = async (server: ServerProcess) =>
    ((await server.desk('GET', '/failures')).json() as FailureList).failures.map(
      ({ name, folder, reason, message }) => ({ name, folder, reason, message }),
    );

  it('is a failure with a reason; its books are not forgotten, and the others are read', async () => {
    const nowhere = join(place.root, 'nowhere');
    fill(1);
    writeFiles(place.library, { 'closed/inside.epub': makeEpub({ title: 'Inside' }) });
    const server = place.start(['--library', nowhere], asPlainUser);
    await server.scan(isOver);
    expect(await server.titles()).toEqual(['Book 0', 'Inside']);
    const closed = join(place.library, 'closed');
    chmodSync(closed, 0);
    try {
      writeFiles(place.library, { 'new.epub': makeEpub({ title: 'New' }) });
      expect((await server.rescan()).state).toBe('done');
      expect(await server.titles()).toEqual(['Book 0', 'Inside', 'New']);
      expect(await failuresOf(server)).toEqual([
        {
          name: 'closed',
          folder: place.library,
          reason: 'no_access',
          message: 'This folder may not be opened.',
        },
      ]);
    } finally {
      chmodSync(closed, 0o700);
    }
    expect((await server.rescan()).state).toBe('done');
    expect([await server.titles(), await failuresOf(server)]).toEqual([['Book 0', 'Inside', 'New'], []]);

    server.kill('SIGTERM');
    const { code, err } = await server.ended;
    expect(code).toBe(0);
    // A given folder that is not there is told of, and is no reason not to start.
    expect(err).toContain(`${nowhere}: There is no such folder on this computer.\n`);
  });
});
