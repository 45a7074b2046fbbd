// The two digests a book file is known by: KOReader's, of a few samples, and SHA-256 of all of it.
import { createHash } from 'node:crypto';
import { readSync } from 'node:fs';
import { readBytes } from './file-bytes.ts';

/**
 * KOReader's partial MD5, 32 lower-case hex digits: of up to twelve samples of up to 1,024 bytes. Two files equal in
 * all samples have the same one.
 */
export const partialMd5 = (fd: number, sizeBytes: number): string => {
  const hash = createHash('md5');
  for (const offset of sampleOffsets) {
    if (offset >= sizeBytes) break;
    const sample = readBytes(fd, offset, Math.min(sampleBytes, sizeBytes - offset));
    if (sample.length === 0) break;
    hash.update(sample);
  }
  return hash.digest('hex');
};

/** SHA-256 of the whole file, 64 lower-case hex digits. */
export const sha256 = (fd: number): string => {
  const hash = createHash('sha256');
  let position = 0;
  for (;;) {
    const count = readSync(fd, piece, 0, pieceBytes, position);
    if (count === 0) return hash.digest('hex');
    hash.update(count === pieceBytes ? piece : piece.subarray(0, count));
    position += count;
  }
};

const sampleBytes = 1024;
const pieceBytes = 256 * 1024;

/** One for all files of a thread: new memory for each would be most of what there is to clean up after a scan. */
const piece = Buffer.allocUnsafe(pieceBytes);

// KOReader frontend/util.lua partialMD5: lshift(1024, 2 * i) for i = -1 … 10, where LuaJIT's 32-bit shift by -2 is one
// by 30 and gives 0.
const sampleOffsets = [0, ...Array.from({ length: 11 }, (_, index) => sampleBytes * 4 ** index)];
