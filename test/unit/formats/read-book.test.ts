import { closeSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { readBook } from '../../../server/formats/read-book.ts';
import { withBookFile } from '../../support/book-file.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { writeZip } from '../../support/zip-writer.ts';

describe('readBook', () => {
  it('reads a file as what it is, not as what it is called', async () => {
    const reading = await withBookFile(makeEpub({ title: 'Disguised' }), 'book.pdf', readBook);
    expect(reading).toMatchObject({ format: 'epub', contentType: 'book', metadata: { title: 'Disguised' } });
  });

  it('says why it cannot read a file', async () => {
    await expect(withBookFile(Buffer.alloc(0), 'a.epub', readBook)).rejects.toMatchObject({
      reason: 'empty',
    });
    await expect(withBookFile(Buffer.from('hello'), 'a.epub', readBook)).rejects.toMatchObject({
      reason: 'unsupported',
    });
    await expect(withBookFile(writeZip([{ name: 'a.png' }]), 'a.epub', readBook)).rejects.toMatchObject({
      reason: 'corrupt',
      message: 'The EPUB does not say where its contents are.',
    });
  });

  it('does not blame the book when the system refuses to read it', async () => {
    const fd = openSync(tmpdir(), 'r');
    try {
      await expect(readBook({ fd, sizeBytes: 4096, name: 'a.epub' })).rejects.toMatchObject({
        reason: 'unreadable',
        message: 'This file could not be read.',
      });
    } finally {
      closeSync(fd);
    }
  });
});
