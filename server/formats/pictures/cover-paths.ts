// Where the pictures of covers lie.
import { join } from 'node:path';

/** Where the pictures of one cover lie. `original` is there only between keeping and drawing. */
export type CoverPaths = { large: string; small: string; original: string };

/** The files of a cover below the covers folder, whether they exist or not. */
export function coverPaths(coversDir: string, hash: string): CoverPaths {
  const base = join(coversDir, hash.slice(0, 2), hash);
  return { large: `${base}.webp`, small: `${base}.small.webp`, original: `${base}.original` };
}
