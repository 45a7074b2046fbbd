// How much room a disk has, and how little of it uploads leave to the library file.
import { statfs } from 'node:fs/promises';
import { unavailable } from './errors.ts';

/** The library file, its log and its backups must still have somewhere to go. */
const FLOOR_BYTES = 256 * 1024 * 1024;
/** Of a small disk less: a twentieth. */
const FLOOR_PART = 0.05;

/** Throws unavailable when less than the floor would be left on the folder's disk after so many bytes more. */
export async function requireRoom(dir: string, bytes: number): Promise<void> {
  const { bavail, blocks, bsize } = await statfs(dir);
  const floor = Math.min(FLOOR_BYTES, blocks * bsize * FLOOR_PART);
  if (bavail * bsize - bytes < floor)
    throw unavailable("The server's disk is nearly full. Make some room there and send the file again.");
}
