// What every place that keeps files must do: one suite for all of them.
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { beforeEach, describe, expect, it } from 'vitest';
import type { StorageBackend, WrittenFile } from '../../server/storage/backend.ts';

/** Runs the suite against an empty place that `open` makes anew for each test. */
export const describeStorage = (name: string, open: () => StorageBackend | Promise<StorageBackend>): void => {
  describe(`${name} as a place that keeps files`, () => {
    let place: StorageBackend;
    beforeEach(async () => {
      place = await open();
    });
    const facts = (bytes: Uint8Array): WrittenFile => ({
      sizeBytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      signal: new AbortController().signal,
    });
    const write = (path: string, bytes: Uint8Array, more: Partial<WrittenFile> = {}): Promise<void> =>
      place.write(path, () => Readable.from([bytes]), { ...facts(bytes), ...more });
    const read = async (path: string, range?: { start: number; end: number }): Promise<string> =>
      (await buffer(await place.read(path, range))).toString();
    const paths = async (prefix = ''): Promise<string[]> => {
      const found: string[] = [];
      for await (const { path } of place.list(prefix)) found.push(path);
      return found.toSorted();
    };
    const text = Buffer.from('0123456789');

    it('gives back what it was given, byte for byte', async () => {
      const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 251));
      await write('aa/one', bytes);
      expect((await buffer(await place.read('aa/one'))).equals(bytes)).toBe(true);
      expect(await place.stat('aa/one')).toMatchObject({ sizeBytes: 300_000, modifiedAt: expect.any(Date) });
    });

    it('keeps a file without bytes', async () => {
      await write('empty', Buffer.alloc(0));
      expect([await read('empty'), (await place.stat('empty'))?.sizeBytes]).toEqual(['', 0]);
    });

    it.each(['a b.epub', 'é (1762).epub', '名前/書.epub', "it's #1 100%.epub", 'emoji 📚.epub', 'e\u0301'])(
      'keeps a file called %j apart from others',
      async (path) => {
        await write(path, text);
        await write(`${path}2`, Buffer.from('other'));
        expect(await read(path)).toBe('0123456789');
        expect(await paths()).toEqual([path, `${path}2`].toSorted());
      },
    );

    it.each(['', '/a', 'a/', 'a//b', '../a', 'a/../b', './a', 'a\\b', 'a\0b', 'a\nb'])(
      'refuses the path %j',
      async (path) => {
        await expect(write(path, text)).rejects.toMatchObject({ kind: 'invalid_name' });
        expect(await paths()).toEqual([]);
      },
    );

    it('puts a new file in the place of an old one', async () => {
      await write('a', text);
      await write('a', Buffer.from('new'));
      expect(await read('a')).toBe('new');
      expect(await paths()).toEqual(['a']);
    });

    it('says what is not there', async () => {
      await expect(place.read('gone')).rejects.toMatchObject({ kind: 'not_found' });
      expect(await place.stat('gone')).toBeUndefined();
    });

    it.each([
      [0, 0, '0'],
      [3, 6, '3456'],
      [9, 9, '9'],
      [0, 9, '0123456789'],
    ])('reads bytes %i to %i', async (start, end, expected) => {
      await write('a', text);
      expect(await read('a', { start, end })).toBe(expected);
    });

    it.each([
      [10, 10],
      [0, 10],
      [5, 4],
      [-1, 3],
    ])('has no bytes %i to %i of ten', async (start, end) => {
      await write('a', text);
      await expect(place.read('a', { start, end })).rejects.toMatchObject({ kind: 'range' });
    });

    it('lists by the beginning of the path', async () => {
      for (const path of ['aa/1', 'aa/2', 'ab/1']) await write(path, text);
      expect(await paths('aa/')).toEqual(['aa/1', 'aa/2']);
      expect(await paths()).toEqual(['aa/1', 'aa/2', 'ab/1']);
      expect((await place.usage()).usedBytes).toBe(30);
    });

    it('removes a file, and one that is gone already', async () => {
      await write('a', text);
      await place.remove('a');
      await place.remove('a');
      expect(await paths()).toEqual([]);
    });

    it('leaves nothing of a source that fails half way', async () => {
      const failing = () =>
        Readable.from(
          (async function* () {
            yield Buffer.from('half');
            await Promise.resolve();
            throw new Error('the source failed');
          })(),
        );
      await expect(place.write('a', failing, facts(text))).rejects.toThrow();
      expect([await paths(), await place.stat('a')]).toEqual([[], undefined]);
    });

    it('keeps the old file when the new one fails', async () => {
      await write('a', text);
      await expect(write('a', Buffer.from('short'), { sizeBytes: 6 })).rejects.toMatchObject({
        kind: 'corrupted',
      });
      expect([await read('a'), await paths()]).toEqual(['0123456789', ['a']]);
    });

    it('leaves nothing of a write that is stopped', async () => {
      const stop = new AbortController();
      const endless = () =>
        Readable.from(
          (async function* () {
            for (;;) {
              yield Buffer.from('more');
              await new Promise((resume) => setTimeout(resume, 1));
            }
          })(),
        );
      const writing = place.write('a', endless, {
        ...facts(text),
        signal: stop.signal,
        onSent: (bytes) => {
          if (bytes > 8) stop.abort();
        },
      });
      await expect(writing).rejects.toMatchObject({ kind: 'cancelled' });
      expect(await paths()).toEqual([]);
    });

    it('lets two write the same file: one of them wins whole', async () => {
      const versions = ['a'.repeat(100_000), 'b'.repeat(100_000)];
      await Promise.all(versions.map((version) => write('a', Buffer.from(version))));
      expect(versions).toContain(await read('a'));
      expect(await paths()).toEqual(['a']);
    });
  });
};
