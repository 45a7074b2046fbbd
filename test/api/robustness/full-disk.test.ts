import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobList } from '../../../server/api/desk/schemas.ts';
import { ask } from '../../support/client.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { writeFiles } from '../../support/server.ts';
import { CATALOGUE, integrityOf, isOver, makePlace } from './process.ts';
import type { Place } from './process.ts';

const COUNT = 120;
const titles = Array.from({ length: COUNT }, (_, n) => `Book ${n}`).sort();

let place: Place;
beforeEach(() => {
  place = makePlace();
  // Each book leaves tens of kilobytes in the library file.
  const books = titles.map((title, n) => [
    `${n}.epub`,
    makeEpub({ title, identifiers: [`urn:${n}`], description: chance(20_000, n) }),
  ]);
  writeFiles(place.library, Object.fromEntries(books) as Record<string, Uint8Array>);
});
afterEach(() => place.clear());

/** Letters that look like chance, so that they do not shrink, and are the same every time. */
const chance = (length: number, seed: number): string => {
  let state = seed + 1;
  return Array.from({ length }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return (state % 36).toString(36);
  }).join('');
};

describe('a disk that takes no more', () => {
  it('fails the scan with a sentence, lets the server answer, and spoils nothing for the next start', async () => {
    // Files may grow to two megabytes; POSIX counts in half kilobytes.
    const server = place.start([], ['sh', '-c', 'ulimit -f 4096; exec "$@"', 'sh']);
    const scan = await server.scan(isOver);
    const sentence = 'The disk did not take what was written to it. Is it full, or failing?';
    expect(scan).toMatchObject({ state: 'failed', error: sentence });
    const { jobs } = (await server.desk('GET', '/jobs')).json() as JobList;
    expect(jobs.find(({ job_id }) => job_id === scan.job_id)).toEqual(scan);
    expect((await server.titles()).length).toBeLessThan(COUNT);
    expect((await ask(`${(await server.ready).url}/health`)).status).toBe(200);
    // The disk may have room for the wish and none for the work, or not even for the wish.
    const again = await server.desk('POST', '/scans');
    if (again.status === 202) {
      const [wished] = (again.json() as JobList).jobs;
      const second = await server.scan((job) => job.job_id === wished?.job_id && isOver(job));
      expect(second).toMatchObject({ state: 'failed', error: sentence });
    } else {
      expect([again.status, again.json()]).toEqual([
        503,
        { error: { code: 'unavailable', message: sentence } },
      ]);
    }
    server.kill('SIGTERM');
    expect(await server.ended).toMatchObject({ code: 0 });
    expect(integrityOf(join(place.data, CATALOGUE))).toBe('ok');

    const roomy = place.start();
    await roomy.scan((job) => job.state === 'done');
    expect(await roomy.titles()).toEqual(titles);
  });

  // A small disk of its own needs rights that not every machine gives; what must hold is shown above without.
  if (hasSmallDisks()) {
    it('is said to be full, and is used again in the same process as soon as there is room', async () => {
      mkdirSync(place.data);
      const ballast = ['sh', '-c', 'head -c 38000000 /dev/zero > "$0/ballast" && exec "$@"', place.data];
      const server = place.start([], [...withSmallDisk(place.data), ...ballast]);
      const scan = await server.scan(isOver);
      expect(scan).toMatchObject({
        state: 'failed',
        error: 'The disk is full. Make some room and try again.',
      });
      rmSync(join('/proc', String(server.pid), 'root', place.data, 'ballast'));
      expect((await server.rescan()).state).toBe('done');
      expect(await server.titles()).toEqual(titles);
    });
  }
});

/** The words in front of a command that give it a disk of 40 MB at this folder, which nobody else sees. */
function withSmallDisk(folder: string): [string, ...string[]] {
  return ['unshare', '-rm', 'sh', '-c', 'mount -t tmpfs -o size=40m tmpfs "$0" && exec "$@"', folder];
}

function hasSmallDisks(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'shelf-mount-'));
  const [command, ...args] = withSmallDisk(folder);
  try {
    execFileSync(command, [...args, 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
