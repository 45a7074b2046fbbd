import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { verified } from '../../../server/storage/verified.ts';

const chunks = ['one', 'two', 'three'].map((word) => Buffer.from(word));
const sha256 = createHash('sha256').update('onetwothree').digest('hex');

describe('bytes with a known hash', () => {
  it('come through when they are right', async () => {
    expect((await buffer(verified(Readable.from(chunks), sha256))).toString()).toBe('onetwothree');
    const empty = createHash('sha256').digest('hex');
    expect((await buffer(verified(Readable.from([]), empty))).length).toBe(0);
  });

  it('never come through to their end when they are not', async () => {
    const got: Buffer[] = [];
    const read = async () => {
      for await (const chunk of verified(Readable.from(chunks), 'f'.repeat(64))) got.push(chunk as Buffer);
    };
    await expect(read()).rejects.toMatchObject({ kind: 'corrupted' });
    expect(Buffer.concat(got).toString()).not.toContain('three');
  });

  it('fail with their source', async () => {
    const failing = Readable.from(
      (async function* () {
        yield Buffer.from('one');
        await Promise.resolve();
        throw new Error('the disk failed');
      })(),
    );
    await expect(buffer(verified(failing, sha256))).rejects.toThrow('the disk failed');
  });
});
