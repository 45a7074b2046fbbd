// How a command finds the server that runs on a data folder: a note in it, for this user alone.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeWhole } from '../base/write-whole.ts';

const FILE = 'running.json';

/** Where the server is at this computer, and a key that opens its desk for as long as it runs. */
const Running = z.object({
  url: z.url(),
  key: z.string().min(1).max(200),
  pid: z.int().min(1),
});
export type Running = z.infer<typeof Running>;

/** Writes the note; the returned function removes it. One left by a kill names a server that does not answer. */
export function noteRunning(dataDir: string, running: Running): () => void {
  const path = join(dataDir, FILE);
  writeWhole(path, JSON.stringify(running));
  return () => rmSync(path, { force: true });
}

/** Returns the note of a data folder, undefined when there is none that can be read. */
export function findRunning(dataDir: string): Running | undefined {
  try {
    return Running.parse(JSON.parse(readFileSync(join(dataDir, FILE), 'utf8')));
  } catch {
    return undefined;
  }
}
