import { describe, expect, it } from 'vitest';
import { readAnnotations } from '../../../server/formats/koreader/annotations.ts';
import { readDocProps } from '../../../server/formats/koreader/doc-props.ts';
import type { ExtraContent } from '../../../server/formats/koreader/extra-file.ts';
import { forgetExtras, takeInExtra } from '../../../server/koreader/ingest-extra.ts';
import { takeInSidecar } from '../../../server/koreader/ingest-sidecar.ts';
import { createBooks } from '../../../server/library/books.ts';
import { takeInFile } from '../../../server/library/intake.ts';
import { removeAnnotation } from '../../../server/marks/change-marks.ts';
import { createMarks } from '../../../server/marks/marks.ts';
import { aBookmark, aFile, aHighlight, aSidecar, checksumOf } from '../../support/builders.ts';
import { openShelf } from '../../support/catalogue.ts';
import { luaTable } from '../../support/make-sidecar.ts';
import type { LuaContent } from '../../support/make-sidecar.ts';

const EMMA = { title: 'Emma', authors: ['Jane Austen'], language: 'en', subjects: ['Love'], series: { name: 'Novels', index: '4' } }; // prettier-ignore
const EXPORT = '/books/emma.sdr/emma.epub.annotations.lua';

function open() {
  const shelf = openShelf();
  const { catalogue, clock, ownerId, folderId, write, rows } = shelf;
  const books = createBooks({ catalogue, clock });
  const marks = createMarks({ catalogue });
  const when = () => ({ now: clock.now(), zone: 'UTC' });
  const placeOf = (path: string, modifiedMs = 1000) => ({ ownerId, folderId, path: Buffer.from(path), sizeBytes: 1, modifiedMs }); // prettier-ignore
  const scan = (path: string, file: Omit<Parameters<typeof aFile>[1], 'path'> = {}) =>
    write((db) => takeInFile(db, aFile(shelf, { path, ...file }), clock.now()))!;
  const extra = (path: string, says: ExtraContent, modifiedMs?: number) =>
    write((db) => takeInExtra(db, placeOf(path, modifiedMs), says, when()));
  const setOn = (path: string, props: Record<string, LuaContent>, modifiedMs?: number) =>
    extra(`${path}/custom_metadata.lua`, { kind: 'metadata', props: readDocProps(luaTable(props)) }, modifiedMs); // prettier-ignore
  const cover = (path: string, coverHash: string) => extra(`${path}/cover.jpg`, { kind: 'cover', coverHash });
  const exported = (path: string, list: LuaContent[], modifiedMs?: number) =>
    extra(path, { kind: 'marks', annotations: readAnnotations(luaTable(list)) }, modifiedMs);
  const take = (path: string, content: Parameters<typeof aSidecar>[0], modifiedMs = 1000) =>
    write((db) => takeInSidecar(db, placeOf(path, modifiedMs), aSidecar(content), when()));
  const vanish = (path: string) =>
    write((db) => forgetExtras(db, ownerId, rows('select extra_id as fileId, path from koreader_extras where path = ?', Buffer.from(path)) as never, clock.now())); // prettier-ignore
  const get = (bookId: string | undefined) => books.get(ownerId, bookId ?? 'none');
  const notes = (bookId: string) => marks.ofBook(bookId).highlights.map(({ text, note }) => [text, note]);
  return { ...shelf, books, marks, scan, setOn, cover, exported, take, vanish, get, notes };
}

describe('what a person set in KOReader', () => {
  it('stands over what the file says, field by field', () => {
    const { scan, setOn, cover, get } = open();
    const bookId = scan('/books/emma.epub', { coverHash: 'own', metadata: EMMA });
    setOn('/books/emma.sdr', { title: 'Emma, mine', series_index: 5, keywords: 'Wit\nBath', description: '<p>Mine</p><script>x</script>' }); // prettier-ignore
    cover('/books/emma.sdr', 'mine');
    expect(get(bookId)).toMatchObject({
      title: 'Emma, mine', authors: ['Jane Austen'], seriesName: 'Novels', seriesIndex: '5', subjects: ['Wit', 'Bath'], description: '<p>Mine</p>', language: 'en', coverHash: 'mine', hasSidecar: false,
      origins: { title: 'device', authors: 'file', seriesId: 'file', seriesIndex: 'device', coverHash: 'device' },
    }); // prettier-ignore
  });

  it('is there before the book, and goes with the file that says it', () => {
    const { scan, setOn, cover, vanish, get } = open();
    setOn('/books/emma.sdr', { title: 'Emma, mine' });
    cover('/books/emma.sdr', 'mine');
    const bookId = scan('/books/emma.epub', { coverHash: 'own', metadata: EMMA });
    expect(get(bookId)).toMatchObject({ title: 'Emma, mine', coverHash: 'mine' });
    vanish('/books/emma.sdr/custom_metadata.lua');
    vanish('/books/emma.sdr/cover.jpg');
    expect(get(bookId)).toMatchObject({ title: 'Emma', coverHash: 'own', origins: { title: 'file' } });
  });

  it('gives way to what the person says here', () => {
    const { scan, setOn, get, books, ownerId } = open();
    const bookId = scan('/books/emma.epub', { metadata: EMMA });
    books.change(ownerId, bookId, { title: 'Said here' });
    setOn('/books/emma.sdr', { title: 'Set there', language: 'fr' });
    expect(get(bookId)).toMatchObject({ title: 'Said here', language: 'fr' });
  });

  it('is of every book the folder lies beside, and of no other', () => {
    const { scan, setOn, get } = open();
    const ids = ['emma.epub', 'emma.pdf', 'emma.2.pdf', 'emm.pdf'].map((name) =>
      scan(`/books/${name}`, { content: name, format: 'pdf', metadata: { title: `Own ${name}` } }),
    );
    setOn('/books/emma.sdr', { language: 'la' });
    expect(ids.map((id) => get(id).language)).toEqual(['la', 'la', null, null]);
  });

  it.each([
    ['by a sidecar beside it', '/docs/mnt/x/Other.sdr'],
    ['by the checksum it is named after', `/hash/${checksumOf('emma').slice(0, 2)}/${checksumOf('emma')}.sdr`], // prettier-ignore
    ['by a name no other book has', '/docs/mnt/x/emma.sdr'],
  ])('is found elsewhere %s', (how, folder) => {
    const { scan, setOn, take, get } = open();
    const bookId = scan('/books/emma.epub', { content: 'emma', metadata: EMMA });
    if (how.includes('sidecar'))
      take(`${folder}/metadata.epub.lua`, { partial_md5_checksum: checksumOf('emma'), percent_finished: 0.1 }); // prettier-ignore
    setOn(folder, { title: 'Emma, mine' });
    expect(get(bookId).title).toBe('Emma, mine');
  });

  it('is read again as long as its book is not there', () => {
    const { scan, setOn, rows, get } = open();
    const version = () => rows('select reader_version > 0 as isDone from koreader_extras');
    setOn('/docs/mnt/x/emma.sdr', { title: 'Emma, mine' });
    expect(version()).toEqual([{ isDone: 0 }]);
    const bookId = scan('/books/emma.epub', { metadata: EMMA });
    setOn('/docs/mnt/x/emma.sdr', { title: 'Emma, mine' });
    expect([version(), get(bookId).title]).toEqual([[{ isDone: 1 }], 'Emma, mine']);
  });

  it('is what lies beside the book before what lies elsewhere, then the newer', () => {
    const { scan, setOn, take, get } = open();
    const bookId = scan('/books/emma.epub', { content: 'emma', metadata: EMMA });
    for (const [device, at] of [
      ['/phone/emma.sdr', 3000],
      ['/reader/emma.sdr', 2000],
    ] as const) {
      take(`${device}/metadata.epub.lua`, { partial_md5_checksum: checksumOf('emma'), percent_finished: 0.1 }, at); // prettier-ignore
      setOn(device, { title: device, language: device }, at);
    }
    expect(get(bookId)).toMatchObject({ title: '/phone/emma.sdr', language: '/phone/emma.sdr' });
    setOn('/books/emma.sdr', { title: 'Beside' }, 1000);
    expect(get(bookId)).toMatchObject({ title: 'Beside', language: '/phone/emma.sdr' });
  });

  it('is of a book in another form of Unicode too', () => {
    const { scan, setOn, get } = open();
    const bookId = scan('/books/Re\u0301sume\u0301.epub', { metadata: { title: 'CV' } });
    setOn('/books/R\u00e9sum\u00e9.sdr', { title: 'Mine' });
    expect(get(bookId).title).toBe('Mine');
  });
});

describe('marks another device exported', () => {
  it('are added to those of the sidecar, which are what they were', () => {
    const { scan, take, exported, notes } = open();
    const bookId = scan('/books/emma.epub');
    take('/books/emma.sdr/metadata.epub.lua', { annotations: [aHighlight(1, { note: 'Mine' })] });
    exported(EXPORT, [aHighlight(1, { note: 'Theirs' }), aHighlight(2, { note: 'New' }), aBookmark(3)]);
    expect(notes(bookId)).toEqual([['Line 1', 'Mine'], ['Line 2', 'New']]); // prettier-ignore
  });

  it('are right where they were changed later', () => {
    const { scan, take, exported, notes } = open();
    const bookId = scan('/books/emma.epub');
    take('/books/emma.sdr/metadata.epub.lua', {
      annotations: [aHighlight(1, { datetime_updated: '2024-03-01 10:00:00' }), aHighlight(2)],
    });
    const later = (n: number) => aHighlight(n, { note: 'Later', datetime_updated: '2024-02-01 10:00:00' });
    exported(EXPORT, [later(1), later(2)]);
    expect(notes(bookId)).toEqual([['Line 1', null], ['Line 2', 'Later']]); // prettier-ignore
  });

  it('take nothing away, stay when KOReader took them in, and go when it removes them then', () => {
    const { scan, take, exported, vanish, notes, marks } = open();
    const bookId = scan('/books/emma.epub');
    const sidecar = '/books/emma.sdr/metadata.epub.lua';
    take(sidecar, { annotations: [aHighlight(1)] });
    exported(EXPORT, [aHighlight(2)]);
    const ids = () => marks.ofBook(bookId).highlights.map(({ annotationId }) => annotationId);
    const before = ids();
    expect(notes(bookId)).toHaveLength(2);
    vanish(EXPORT);
    take(sidecar, { annotations: [aHighlight(1), aHighlight(2)] }, 2000);
    expect(new Set(ids())).toEqual(new Set(before));
    take(sidecar, { annotations: [aHighlight(1)] }, 3000);
    expect(notes(bookId)).toEqual([['Line 1', null]]);
  });

  it('do not bring back what the person removed', () => {
    const { scan, exported, marks, write, ownerId, clock, notes } = open();
    const bookId = scan('/books/emma.epub');
    exported(EXPORT, [aHighlight(1)]);
    const [mark] = marks.ofBook(bookId).highlights;
    write((db) => removeAnnotation(db, ownerId, mark!.annotationId, clock.now()));
    exported(EXPORT, [aHighlight(1)], 2000);
    expect(notes(bookId)).toEqual([]);
  });

  it.each([
    ['beside the book', '/books/emma.epub.annotations.lua'],
    ['in a folder for exports', '/books/exports/emma.epub.annotations.lua'],
  ])('are found %s', (_where, path) => {
    const { scan, exported, notes } = open();
    const bookId = scan('/books/emma.epub');
    exported(path, [aHighlight(1)]);
    expect(notes(bookId)).toEqual([['Line 1', null]]);
  });
});
