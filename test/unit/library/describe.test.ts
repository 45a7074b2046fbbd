import type { BookFormat } from '../../../server/formats/formats.ts';
import { describe, expect, it } from 'vitest';
import { describeBook, rankFiles, sortColumns, titleFromName } from '../../../server/library/describe.ts';
import type { FileSays, SidecarSays } from '../../../server/library/describe.ts';
import type { BookMetadata } from '../../../server/formats/book.ts';
import { metadata } from '../../support/builders.ts';

const fileSays = (name: string, says: Partial<BookMetadata> = {}, coverHash: string | null = null): FileSays => ({
  fileId: name, name, format: name.split('.').at(-1) as BookFormat, metadata: metadata(says), coverHash,
}); // prettier-ignore
const sidecarSays = (says: Partial<SidecarSays> = {}): SidecarSays => ({
  name: 'Book.epub',
  format: 'epub',
  ...says,
});

describe('describing a book', () => {
  it('takes each field from the first file that says something, then from the sidecars', () => {
    const { fields, origins } = describeBook(
      [
        fileSays(
          'a.pdf',
          { title: 'From the PDF', publisher: 'Penguin', pageCount: 400, authors: ['Somebody'] },
          'pdf',
        ),
        fileSays('a.epub', {
          title: 'Emma',
          series: { name: 'Novels', index: '4' },
          identifiers: [{ scheme: 'isbn', value: '1' }],
        }),
      ],
      [
        sidecarSays({ title: 'From the device', language: 'en', authors: ['Device'] }),
        sidecarSays({ language: 'de', description: 'A novel' }),
      ],
    );
    expect(fields).toMatchObject({
      title: 'Emma', publisher: 'Penguin', pageCount: 400, authors: ['Somebody'], coverHash: 'pdf', seriesName: 'Novels', seriesIndex: '4', language: 'en', description: 'A novel', subtitle: null, subjects: [], contentType: 'book',
    }); // prettier-ignore
    expect(origins).toEqual({
      title: 'file', publisher: 'file', pageCount: 'file', authors: 'file', coverHash: 'file', seriesName: 'file', seriesIndex: 'file', identifiers: 'file', language: 'sidecar', description: 'sidecar',
    }); // prettier-ignore
  });

  it('takes what a person set on a device before what any file says, the first device first', () => {
    const { fields, origins } = describeBook(
      [fileSays('a.epub', { title: 'Own', authors: ['Own'], series: { name: 'Own', index: '1' } }, 'own')],
      [sidecarSays({ language: 'en' })],
      [
        { title: 'Set', authors: [] },
        { title: 'Set elsewhere', seriesIndex: '2', coverHash: 'set', language: 'fr' },
      ],
    );
    expect(fields).toMatchObject({
      title: 'Set', authors: ['Own'], seriesName: 'Own', seriesIndex: '2', coverHash: 'set', language: 'fr',
    }); // prettier-ignore
    expect(origins).toEqual({
      title: 'device', authors: 'file', seriesName: 'file', seriesIndex: 'device', coverHash: 'device', language: 'device',
    }); // prettier-ignore
  });

  it('falls back to the name of the file, then of the document on the device', () => {
    const byFile = describeBook([fileSays('Jane_Austen__Emma.epub')], [sidecarSays()]);
    expect([byFile.fields.title, byFile.origins.title]).toEqual(['Jane Austen Emma', 'name']);
    expect(describeBook([], [sidecarSays({ name: 'Sanditon.kepub.epub' })]).fields.title).toBe('Sanditon');
    expect(describeBook([fileSays('a.epub')], [sidecarSays({ title: 'Emma' })]).fields.title).toBe('Emma');
  });

  it('gives no number in a series without a series', () => {
    const { fields } = describeBook([fileSays('a.epub')], [sidecarSays({ seriesIndex: '3' })]);
    expect([fields.seriesName, fields.seriesIndex]).toEqual([null, null]);
  });

  it('calls it a comic by the format of the file shown first', () => {
    const of = (...names: string[]) =>
      describeBook(
        names.map((name) => fileSays(name)),
        [],
      ).fields.contentType;
    expect([of('a.cbz'), of('a.cbr'), of('a.cbz', 'a.pdf'), of('a.epub')]).toEqual([
      'comic',
      'comic',
      'book',
      'book',
    ]);
    expect(describeBook([], [sidecarSays({ format: 'cbz' })]).fields.contentType).toBe('comic');
    expect(describeBook([], [sidecarSays({ format: undefined })]).fields.contentType).toBe('book');
  });

  it('does not depend on the order files are given in', () => {
    const files = [
      fileSays('b.epub', { title: 'B' }),
      fileSays('a.mobi', { title: 'C' }),
      fileSays('a.epub', { title: 'A' }),
    ];
    expect(describeBook(files, [])).toEqual(describeBook(files.toReversed(), []));
    expect(describeBook(files, []).fields.title).toBe('A');
  });

  it('needs something that speaks of it', () => {
    expect(() => describeBook([], [])).toThrow('a file or a sidecar');
  });
});

describe('the file to read first', () => {
  it('is decided by format, then by name', () => {
    const names = ['z.txt', 'a.cbr', 'a.cbz', 'a.pdf', 'a.fb2', 'a.mobi', 'a.azw3', 'b.epub', 'a.epub'];
    expect(rankFiles(names.map((name) => fileSays(name))).map(({ name }) => name)).toEqual(
      names.toReversed(),
    );
  });
});

describe('a title from a file name', () => {
  it.each([
    ['War_and_Peace.epub', 'War and Peace'],
    ['Book.kepub.epub', 'Book'],
    ['Book.fb2.zip', 'Book'],
    ['Book.v2.PDF', 'Book.v2'],
    ['Notes.odt', 'Notes.odt'],
    ['.epub', '.epub'],
    ['___.epub', '___.epub'],
  ])('%s is %s', (name, title) => {
    expect(titleFromName(name)).toBe(title);
  });
});

describe('what lists sort by', () => {
  it('is folded: the title and the first author', () => {
    expect(sortColumns({ title: 'Émile', authors: ['Jean-Jacques Rousseau', 'Another'] })).toEqual({
      sortTitle: 'emile',
      sortAuthor: 'jean-jacques rousseau',
    });
  });
  it('has no author where there is none', () => {
    expect(sortColumns({ title: 'X', authors: [] }).sortAuthor).toBeNull();
  });
});
