// A file of a moment: written at the disk's pace, so that a long document takes no memory, and gone afterwards.
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { newId } from '../base/ids.ts';

const CHUNK_CHARS = 64 * 1024;

export type ScratchFile = { path: string; remove(): Promise<void> };

/** Writes the pieces to a new file, letting others work in between. Nothing is left behind when it fails. */
export async function writeScratch(
  dir: string,
  ending: string,
  pieces: Iterable<string>,
): Promise<ScratchFile> {
  const path = join(dir, `${newId()}.${ending}`);
  const remove = () => rm(path, { force: true });
  const file = await open(path, 'wx', 0o600);
  try {
    let waiting = '';
    for (const piece of pieces) {
      waiting += piece;
      if (waiting.length < CHUNK_CHARS) continue;
      await file.writeFile(waiting);
      waiting = '';
      await breathe();
    }
    await file.writeFile(waiting);
  } catch (error) {
    await file.close();
    await remove();
    throw error;
  }
  await file.close();
  return { path, remove };
}
