// Tells what kind of archive a file is by its first bytes.

export type ArchiveKind = 'zip' | 'rar' | 'tar' | '7z';

/** How many bytes of a file tell it. */
export const ARCHIVE_HEAD_BYTES = 512;

/** The kind of archive that begins like this; undefined for what is none. */
export function archiveKindOf(head: Buffer): ArchiveKind | undefined {
  const start = head.toString('latin1', 0, 7);
  // APPNOTE 4.3.6, 4.3.16: a file, or the end of an archive without one.
  if (start.startsWith('PK\x03\x04') || start.startsWith('PK\x05\x06')) return 'zip';
  if (start.startsWith('Rar!\x1a\x07')) return 'rar';
  if (start.startsWith('7z\xbc\xaf\x27\x1c')) return '7z';
  // POSIX.1-2017 "ustar Interchange Format"; GNU's tar has the word there too.
  return head.toString('latin1', 257, 262) === 'ustar' ? 'tar' : undefined;
}
