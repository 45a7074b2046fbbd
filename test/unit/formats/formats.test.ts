import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  BOOK_FORMATS,
  endingOf,
  FORMATS,
  formatsOfEnding,
  mediaTypeOf,
  TEXT_FORMATS,
} from '../../../server/formats/formats.ts';
import { isBookName } from '../../../server/formats/sniff.ts';

const root = new URL('../../../', import.meta.url);

describe('the table of formats', () => {
  it.each([
    ['Emma.epub', ['epub']],
    ['Emma.kepub.epub', ['epub']],
    ['Emma.EPUB3', ['epub']],
    ['Emma.fb2.zip', ['fb2']],
    ['Emma.azw3', ['azw3', 'mobi']],
    ['Emma.prc', ['mobi', 'azw3']],
    ['Emma.pdb', ['mobi']],
    ['Watchmen.cbr', ['cbr', 'cbz', 'cbt']],
    ['Watchmen.cbt', ['cbt', 'cbr', 'cbz']],
    ['notes.odt', []],
    ['zip', []],
  ])('says what %s may be', (name, formats) => {
    expect(formatsOfEnding(endingOf(name))).toEqual(formats);
    expect(isBookName(name)).toBe(formats.length > 0);
  });

  it('ranks every format once, and knows whose text can be read', () => {
    expect(
      Object.values(FORMATS)
        .map(({ rank }) => rank)
        .toSorted((a, b) => a - b),
    ).toEqual([...BOOK_FORMATS.keys()]);
    expect(TEXT_FORMATS).toEqual(['epub', 'mobi', 'azw3', 'txt', 'fb2']);
    expect([mediaTypeOf('pdf'), mediaTypeOf('doc'), mediaTypeOf(null)]).toEqual([
      'application/pdf',
      'application/octet-stream',
      'application/octet-stream',
    ]);
  });

  it('is the only place that lists formats', () => {
    const three =
      /(['"])(?:epub|pdf|mobi|azw3|fb2|cbz|cbr)\1[\s,|]+(['"])(?:epub|pdf|mobi|azw3|fb2|cbz|cbr)\2[\s,|]+(['"])(?:epub|pdf|mobi|azw3|fb2|cbz|cbr)\3/;
    const listing = readdirSync(new URL('server/', root), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && name !== 'formats/formats.ts')
      .filter((name) => three.test(readFileSync(new URL(`server/${name}`, root), 'utf8')));
    // What is a ZIP inside is told by its bytes.
    expect(listing).toEqual(['formats/sniff.ts']);
  });
});
