import { describe, expect, it } from 'vitest';
import { readPlainText } from '../../../server/formats/text/read.ts';
import { withBookFile } from '../../support/book-file.ts';

const read = (bytes: Uint8Array) => withBookFile(bytes, 'story.txt', readPlainText);

describe('readPlainText', () => {
  it('gives a book that says nothing about itself', async () => {
    expect(await read(Buffer.from('Once upon a time\n'))).toEqual({
      format: 'txt',
      contentType: 'book',
      metadata: { authors: [], subjects: [], identifiers: [], chapters: [] },
    });
  });

  it.each([
    ['UTF-16 with its byte order mark', Buffer.from('\ufeffOnce', 'utf16le')],
    ['bytes above 127', Buffer.from([0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2])],
    ['a NUL far from the start', Buffer.concat([Buffer.alloc(8192, 'a'), Buffer.from([0])])],
  ])('accepts %s', async (_, bytes) => {
    expect((await read(bytes)).format).toBe('txt');
  });

  it.each([
    ['empty', Buffer.alloc(0), 'empty'],
    ['binary', Buffer.from('ELF\0\x01\x02'), 'unsupported'],
  ])('refuses a file that is %s', async (_, bytes, reason) => {
    await expect(read(bytes)).rejects.toMatchObject({ name: 'UnreadableFile', reason });
  });
});
