// A lock between processes: a file that its holder touches while it works.
import { randomUUID } from 'node:crypto';
import { linkSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const touchEveryMs = 1000;
const abandonedAfterMs = 15_000;

/** Runs `work` while holding the lock file, after waiting for as long as another process keeps it touched. */
export async function withLock(file, work) {
  while (!take(file)) await sleep(100);
  const beat = setInterval(() => {
    const now = new Date();
    utimesSync(file, now, now);
  }, touchEveryMs);
  const release = () => rmSync(file, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    process.off('exit', release);
    release();
  }
}

function take(file) {
  try {
    writeFileSync(file, `${process.pid}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  if (ageMs(file) > abandonedAfterMs) removeAbandoned(file);
  return false;
}

/** Moves the file away first: of several that wait only one can, and one taken meanwhile is put back. */
function removeAbandoned(file) {
  const aside = `${file}.${randomUUID()}`;
  try {
    renameSync(file, aside);
    if (ageMs(aside) <= abandonedAfterMs) linkSync(aside, file);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  }
  rmSync(aside, { force: true });
}

function ageMs(file) {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? 0 : Date.now() - found.mtimeMs;
}
