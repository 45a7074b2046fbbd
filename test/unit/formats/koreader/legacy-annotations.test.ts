import { describe, expect, it } from 'vitest';

import { readSidecar } from '../../../../server/formats/koreader/sidecar.ts';
import { makeSidecar } from '../../../support/make-sidecar.ts';
import type { LuaContent } from '../../../support/make-sidecar.ts';

const read = (content: Record<string, LuaContent | undefined>) =>
  readSidecar(makeSidecar(content)).annotations;

const at = (paragraph: number, offset: number): string =>
  `/body/DocFragment[3]/body/p[${paragraph}]/text().${offset}`;

const first = { datetime: '2023-11-14 22:16:40', pos0: at(5, 0), pos1: at(5, 9) };
const second = { datetime: '2023-11-14 22:18:20', pos0: at(9, 1), pos1: at(9, 12) };

const legacy = {
  bookmarks: [
    {
      ...second,
      page: second.pos0,
      highlighted: true,
      notes: 'second quote',
      chapter: 'II',
      text: 'Page 12 second quote @ 2023-11-14 22:18:20',
    },
    {
      ...first,
      page: first.pos0,
      highlighted: true,
      notes: 'first quote',
      chapter: 'I',
      text: 'my own note',
    },
    { page: at(2, 0), datetime: '2023-11-14 22:15:00', notes: 'in I', chapter: 'I' },
  ],
  highlight: new Map<number, LuaContent>([
    [12, [{ ...second, drawer: 'lighten', text: 'second quote', chapter: 'II' }]],
    [5, [{ ...first, drawer: 'underscore', color: 'red', text: 'first quote', chapter: 'I' }]],
  ]),
};

const modern = {
  annotations: [
    { page: at(2, 0), datetime: '2023-11-14 22:15:00', text: 'in I', chapter: 'I', pageno: 2 },
    {
      ...first,
      page: first.pos0,
      drawer: 'underscore',
      color: 'red',
      text: 'first quote',
      note: 'my own note',
      chapter: 'I',
      pageno: 5,
    },
    { ...second, page: second.pos0, drawer: 'lighten', text: 'second quote', chapter: 'II', pageno: 12 },
  ],
};

describe('legacy highlights and bookmarks', () => {
  it('come out in document order, joined, with what the person wrote', () => {
    expect(read(legacy)).toMatchObject([
      { index: 0, kind: 'bookmark', text: 'in I', page: at(2, 0) },
      {
        index: 1,
        kind: 'highlight',
        drawer: 'underscore',
        color: 'red',
        text: 'first quote',
        note: 'my own note',
        pageNumber: 5,
      },
      {
        index: 2,
        kind: 'highlight',
        drawer: 'lighten',
        text: 'second quote',
        pageNumber: 12,
        startPosition: at(9, 1),
      },
    ]);
    expect(read(legacy).map(({ note }) => note)).toEqual([undefined, 'my own note', undefined]);
  });

  it('have the keys they get once KOReader has converted them', () => {
    expect(read(legacy).map(({ key }) => key)).toEqual(read(modern).map(({ key }) => key));
  });

  it('have those keys in paged documents too, where old positions name no page', () => {
    const pos = { pos0: { x: 10.5, y: 20, zoom: 2 }, pos1: { x: 30, y: 20, zoom: 2 } };
    const onPage = { pos0: { ...pos.pos0, page: 7 }, pos1: { ...pos.pos1, page: 7 } };
    const old = read({
      bookmarks: [{ ...pos, page: 7, datetime: first.datetime, highlighted: true, notes: 'q' }],
      highlight: new Map([[7, [{ ...pos, datetime: first.datetime, drawer: 'lighten', text: 'q' }]]]),
    });
    const converted = read({
      annotations: [{ ...onPage, page: 7, datetime: first.datetime, drawer: 'lighten', text: 'q' }],
    });
    expect(old).toEqual([{ ...converted[0], pageNumber: 7 }]);
  });

  it.each([
    'Page 12 second quote @ 2023-11-14 22:18:20',
    'Seite 12 second quote @ 2023-11-14 22:18:20',
    'Стр. 12 second quote @ 2023-11-14 22:18:20',
    'Str. č. 12 second quote @ 2023-11-14 22:18:20',
    '第 12 页 second quote @ 2023-11-14 22:18:20',
    'ページ12 second quote @ 2023-11-14 22:18:20',
    'Page [2]12 second quote @ 2023-11-14 22:18:20',
    'Page xii second quote @ 2023-11-14 22:18:20',
    'second quote',
    '',
  ])('take %j for text of the device, not a note', (text) => {
    expect(
      read({ bookmarks: [{ ...second, highlighted: true, notes: 'second quote', text }] })[0]?.note,
    ).toBeUndefined();
  });

  it.each([
    'My note: Page 12 second quote @ 2023-11-14 22:18:20',
    'see again on Page 12 second quote @ 2023-11-14 22:18:20',
    'Page 12 second quote',
    'Page 12 second quote @ 2023-11-14 22:18:20, still true',
    'Page 12 another quote @ 2023-11-14 22:18:20',
    'Page 12 second quote @ 2020-01-01 00:00:00',
    'second quote!',
  ])('take %j for a note', (text) => {
    expect(
      read({ bookmarks: [{ ...second, highlighted: true, notes: 'second quote', text }] })[0]?.note,
    ).toBe(text);
  });

  it('keep a highlight that has no bookmark, even without date and position, at its page', () => {
    const annotations = read({
      ...legacy,
      highlight: new Map<number, LuaContent>([
        ...legacy.highlight,
        [7, [{ text: 'from 2013' }, { text: 'another' }]],
        [20, [{ text: 'late', pos0: at(30, 0), pos1: at(30, 4), datetime: '2023-01-01 00:00:00' }]],
      ]),
    });
    expect(annotations.map(({ text }) => text)).toEqual([
      'in I',
      'first quote',
      'from 2013',
      'another',
      'second quote',
      'late',
    ]);
    expect(annotations[2]).toMatchObject({ kind: 'highlight', drawer: 'lighten', page: '7', pageNumber: 7 });
    expect(annotations[5]).toMatchObject({
      page: at(30, 0),
      startPosition: at(30, 0),
      endPosition: at(30, 4),
    });
    expect(new Set(annotations.map(({ key }) => key)).size).toBe(6);
  });

  it('stay highlights when only the bookmark is left, drawn as the book is set', () => {
    const [annotation] = read({ bookmarks: legacy.bookmarks.slice(0, 1), highlight_drawer: 'invert' });
    expect(annotation).toMatchObject({ kind: 'highlight', drawer: 'invert', text: 'second quote' });
  });

  it('join by position where two were made in one second', () => {
    const twin = { ...second, datetime: first.datetime };
    const annotations = read({
      bookmarks: [
        { ...twin, highlighted: true, notes: 'b' },
        { ...first, highlighted: true, notes: 'a' },
      ],
      highlight: new Map([
        [5, [{ ...first, drawer: 'underscore', text: 'a' }]],
        [9, [{ ...twin, drawer: 'strikeout', text: 'b' }]],
      ]),
    });
    expect(annotations.map(({ text, drawer }) => [text, drawer])).toEqual([
      ['a', 'underscore'],
      ['b', 'strikeout'],
    ]);
  });

  it('do not take a page bookmark of the same second for a highlight', () => {
    const annotations = read({
      bookmarks: [{ page: at(1, 0), datetime: first.datetime, notes: 'in I' }],
      highlight: new Map([[5, [{ ...first, drawer: 'lighten', text: 'a' }]]]),
    });
    expect(annotations.map(({ kind }) => kind)).toEqual(['bookmark', 'highlight']);
  });

  it('are read in bounded time when thousands share one date', () => {
    const many = Array.from({ length: 20_000 }, () => ({
      ...first,
      highlighted: true,
      notes: 'same',
      drawer: 'lighten',
    }));
    expect(read({ bookmarks: many, highlight: new Map([[1, many]]) })).toHaveLength(20_000);
  });
});
