import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { partialMd5, sha256 } from '../../../server/formats/hashes.ts';
import { withBookFile } from '../../support/book-file.ts';

const patterned = (length: number): Buffer => {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i += 1) bytes[i] = (7 * i + 13 * Math.floor(i / 256)) % 256;
  return bytes;
};

const partialOf = (bytes: Uint8Array): Promise<string> =>
  withBookFile(bytes, 'book', ({ fd, sizeBytes }) => partialMd5(fd, sizeBytes));

describe('partialMd5', () => {
  it.each([
    [0, 'd41d8cd98f00b204e9800998ecf8427e'],
    [1, '93b885adfe0da089cdf634904fd59f71'],
    [1023, '7944a63f67bfa23d6aa2fe61972988eb'],
    [1024, '08da22d8978f7417f5f035946d36103d'],
    [1025, '5acd0bd2c1781e26a7cb23d1e0f6138a'],
    [2048, 'b2e77b7d6ebb744a8058ab98d60dc47a'],
    [4096, 'b2e77b7d6ebb744a8058ab98d60dc47a'],
    [4097, '41e82aef45ca4129fbe025e7858ef919'],
    [5120, 'd21d167697e88216d9556fba0fec11e0'],
    [16_384, 'd21d167697e88216d9556fba0fec11e0'],
    [20_000, 'eb24751a375305ec30ae7422c42e3db3'],
    [70_000, '0d844fc0bc422898590cededf259d026'],
    [300_000, '9deed1f82aa7959eb32c22123c5b188c'],
  ])('is what KOReader computes for %i bytes', async (length, digest) => {
    expect(await partialOf(patterned(length))).toBe(digest);
  });

  it('stops where the file ends before the size that was told', async () => {
    const digest = await withBookFile(patterned(1025), 'book', ({ fd }) => partialMd5(fd, 1_000_000));
    expect(digest).toBe('5acd0bd2c1781e26a7cb23d1e0f6138a');
  });
});

describe('sha256', () => {
  it('is the digest of the whole file, over several reads', async () => {
    const bytes = patterned(2_500_000);
    const expected = createHash('sha256').update(bytes).digest('hex');
    expect(await withBookFile(bytes, 'book', ({ fd }) => sha256(fd))).toBe(expected);
  });

  it('is the known digest of nothing for an empty file', async () => {
    expect(await withBookFile(Buffer.alloc(0), 'book', ({ fd }) => sha256(fd))).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
  });
});
