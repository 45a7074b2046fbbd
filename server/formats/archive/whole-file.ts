// Tells half a file from a whole one by its end, as far as its format says how it ends.
import type { BookFormat } from '../formats.ts';
import { type BookSource, UnreadableFile } from '../book.ts';
import { readBytes } from '../file-bytes.ts';
import { openZip } from './zip.ts';

const TAIL_BYTES = 64 * 1024;
const TAR_END = 1024;

/** Whether the end of the file is missing. What its format does not tell, and what is only damaged, is not. */
export async function isCut(source: BookSource, format: BookFormat): Promise<boolean> {
  const head = readBytes(source.fd, 0, Math.min(source.sizeBytes, 1024));
  // The directory of an archive stands at its end (APPNOTE 4.3.6).
  if (head.indexOf('PK') === 0) return hasNoDirectory(source);
  const tail = () => {
    const length = Math.min(source.sizeBytes, TAIL_BYTES);
    return readBytes(source.fd, source.sizeBytes - length, length).toString('latin1');
  };
  // ISO 32000-1 §7.5.5: the last lines say where the cross-reference table is. Readers look further up than it asks for.
  if (format === 'pdf') return !/%%EOF|startxref/.test(tail());
  if (format === 'mobi' || format === 'azw3') return isCutPalm(source);
  // In wide letters there is a NUL beside each.
  if (format === 'fb2') return !tail().replaceAll('\0', '').includes('FictionBook>');
  // POSIX.1-2017 "ustar Interchange Format": two blocks of zeros end the archive.
  if (format === 'cbt') return readBytes(source.fd, source.sizeBytes - TAR_END, TAR_END).some(Boolean);
  return false;
}

async function hasNoDirectory(source: BookSource): Promise<boolean> {
  try {
    await openZip(source);
    return false;
  } catch (error) {
    if (error instanceof UnreadableFile) return error.reason === 'corrupt';
    throw error;
  }
}

/** A Palm database lists at 78 where each of its records begins, eight bytes for each; their number stands at 76. */
function isCutPalm({ fd, sizeBytes }: BookSource): boolean {
  const head = readBytes(fd, 0, Math.min(sizeBytes, 78));
  if (head.length < 78) return true;
  const count = head.readUInt16BE(76);
  const last = count === 0 ? Buffer.alloc(0) : readBytes(fd, 78 + 8 * (count - 1), 4);
  return last.length < 4 || last.readUInt32BE(0) >= sizeBytes;
}
