// Comics in the archives other than ZIP.
import { describe, expect, it } from 'vitest';
import { isCut } from '../../../server/formats/archive/whole-file.ts';
import { openTar } from '../../../server/formats/archive/tar.ts';
import { readBook } from '../../../server/formats/read-book.ts';
import { withBookFile } from '../../support/book-file.ts';
import { aPage, makeCbt } from '../../support/make-comic.ts';
import type { TarPart } from '../../support/make-comic.ts';

const readCbt = (files: readonly (string | TarPart)[], name = 'a.cbt') =>
  withBookFile(makeCbt(files), name, readBook);

const info = { name: 'ComicInfo.xml', content: '<ComicInfo><Title>Tape</Title></ComicInfo>' };

describe('a comic in a tar', () => {
  it('has its pages, its cover and what its ComicInfo.xml says, whatever it is named', async () => {
    const read = await readCbt(['10.jpg', '2.jpg', info], 'a.cbz');
    expect([read.format, read.contentType, read.cover]).toEqual(['cbt', 'comic', aPage('2.jpg')]);
    expect(read.metadata).toMatchObject({ title: 'Tape', pageCount: 2 });
  });

  it('may have names that begin in its own folder, and longer ones than a header holds', async () => {
    const long = `${'pages/'.repeat(20)}1.jpg`;
    const pax = ` path=${long.replace('1.jpg', '2.jpg')}\n`;
    const { metadata, cover } = await readCbt([
      { name: './', type: '5' },
      { name: './3.jpg', content: aPage('3') },
      { name: '././@LongLink', type: 'L', content: `${long}\0` },
      { name: long.slice(0, 100), content: aPage('1') },
      { name: 'PaxHeader', type: 'x', content: `${pax.length + 3}${pax}` },
      { name: 'short', content: aPage('2') },
    ]);
    expect([metadata.pageCount, cover]).toEqual([3, aPage('3')]);
  });

  it('is without links, folders, empty files and names that lead outside', async () => {
    const { metadata } = await readCbt([
      '5.jpg',
      { name: '../1.jpg', content: aPage('1') },
      { name: '/etc/2.jpg', content: aPage('2') },
      { name: 'C:\\3.jpg', content: aPage('3') },
      { name: '4.jpg', type: '2' },
      { name: '6.jpg', type: '5' },
      { name: '7.jpg' },
    ]);
    expect(metadata.pageCount).toBe(1);
  });

  it('keeps the pages before a damage, and tells when there are none', async () => {
    const broken = { name: '2.jpg', content: aPage('2'), claim: { checksum: 1 } };
    expect((await readCbt(['1.jpg', broken, '3.jpg'])).metadata.pageCount).toBe(1);
    await expect(readCbt([broken])).rejects.toMatchObject({ reason: 'corrupt' });
    await expect(readCbt([info])).rejects.toMatchObject({ reason: 'empty' });
  });

  it('gives no page that is larger than it may be, or ends before its end', async () => {
    const claim = { sizeBytes: 2 ** 30 };
    await withBookFile(makeCbt([{ name: '1.jpg', content: 'x', claim }]), 'a.cbt', async (source) => {
      const tar = await openTar(source);
      await expect(tar.read(tar.entries[0]!, 1024)).rejects.toMatchObject({ reason: 'too_large' });
      await expect(tar.read(tar.entries[0]!, 2 ** 31)).rejects.toMatchObject({ reason: 'corrupt' });
    });
  });

  it('is refused with more files than an archive may have', async () => {
    const many = Array.from({ length: 20_001 }, (_, index) => ({ name: `${index}.jpg` }));
    await expect(readCbt(many)).rejects.toMatchObject({ reason: 'too_large' });
  });

  it('is half a file without the zeros it ends with', async () => {
    const whole = makeCbt(['1.jpg']);
    const cut = (bytes: Buffer) => withBookFile(bytes, 'a.cbt', (source) => isCut(source, 'cbt'));
    expect([await cut(whole), await cut(whole.subarray(0, -1000))]).toEqual([false, true]);
  });
});
