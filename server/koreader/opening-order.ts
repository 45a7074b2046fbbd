// Which sidecar of a book KOReader opens, and so which it keeps. Pure.

/** A sidecar as KOReader sees it. */
export type Candidate = {
  path: Buffer;
  modifiedMs: number;
  /** What kind of folder of the library it lies in. */
  folderKind: 'library' | 'docsettings' | 'hashdocsettings';
};

/** The order in which KOReader tries sidecars: the newest by whole seconds, of the same second as `LOCATIONS` lists them (docsettings.lua, open). */
export const compareOpening = (a: Candidate, b: Candidate): number =>
  secondsOf(b) - secondsOf(a) || locationOf(a) - locationOf(b);

/** Beside the book, in docsettings, in hashdocsettings. */
const LOCATIONS = ['doc', 'dir', 'hash'] as const;

const secondsOf = ({ modifiedMs }: Candidate): number => Math.floor(modifiedMs / 1000);

/** KOReader's own folders may lie inside a folder of books. */
function locationOf({ path, folderKind }: Candidate): number {
  if (folderKind === 'hashdocsettings' || path.includes('/hashdocsettings/'))
    return LOCATIONS.indexOf('hash');
  if (folderKind === 'docsettings' || path.includes('/docsettings/')) return LOCATIONS.indexOf('dir');
  return LOCATIONS.indexOf('doc');
}
