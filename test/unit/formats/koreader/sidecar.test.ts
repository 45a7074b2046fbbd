import { describe, expect, it } from 'vitest';

import { readSidecar } from '../../../../server/formats/koreader/sidecar.ts';
import type { SidecarAnnotation } from '../../../../server/formats/koreader/sidecar.ts';
import { makeSidecar } from '../../../support/make-sidecar.ts';
import type { LuaContent } from '../../../support/make-sidecar.ts';

const read = (content: Record<string, LuaContent | undefined>) => readSidecar(makeSidecar(content));

const keysOf = (annotations: SidecarAnnotation[]): string[] => annotations.map(({ key }) => key);

describe('reading a sidecar', () => {
  it('reads everything a sidecar says', () => {
    const sidecar = read({
      partial_md5_checksum: ' 9C928BC227E2011E85F931CA159FF710 ',
      doc_path: '/mnt/onboard/A.epub',
      doc_pages: 250,
      percent_finished: 0.25,
      last_xpointer: '/body/DocFragment[9]/body/p.0',
      text_lang: 'en-US',
      doc_props: {
        title: 'A Title ',
        authors: 'One\nTwo\n',
        series: 'Saga',
        series_index: 2.5,
        language: 'en',
        keywords: 'a\nb',
        description: '<p>d</p>',
        identifiers: 'ISBN:9780000000002\nplain\nuuid:a:b',
      },
      summary: { status: 'abandoned', rating: 4, note: 'Fine.', modified: '2024-02-03' },
      pagemap_doc_pages: 300,
      pagemap_chars_per_synthetic_page: 1500,
      pagemap_use_page_labels: true,
      pagemap_current_page_label: '12',
      pagemap_last_page_label: 'xii',
      handmade_flows_enabled: true,
      handmade_flow_points: [{ hidden: true, page: 540 }, { page: 600, hidden: false }, { hidden: true }],
      stats: { title: 'A Title', authors: 'N/A', pages: 250, highlights: 5, notes: 2, md5: 'no md5' },
    });
    expect(sidecar).toEqual({
      partialMd5: '9c928bc227e2011e85f931ca159ff710',
      docPath: '/mnt/onboard/A.epub',
      docPages: 250,
      percentFinished: 0.25,
      lastXPointer: '/body/DocFragment[9]/body/p.0',
      textLang: 'en-US',
      docProps: {
        title: 'A Title',
        authors: ['One', 'Two'],
        series: 'Saga',
        seriesIndex: '2.5',
        language: 'en',
        keywords: ['a', 'b'],
        description: '<p>d</p>',
        identifiers: [
          { scheme: 'isbn', value: '9780000000002' },
          { scheme: 'unknown', value: 'plain' },
          { scheme: 'uuid', value: 'a:b' },
        ],
      },
      summary: { status: 'abandoned', rating: 4, note: 'Fine.', modified: '2024-02-03' },
      pagemap: {
        docPages: 300,
        charsPerSyntheticPage: 1500,
        usesPageLabels: true,
        currentPageLabel: '12',
        lastPageLabel: 'xii',
      },
      handmadeFlows: {
        enabled: true,
        points: [
          { page: 540, hidden: true },
          { page: 600, hidden: false },
        ],
      },
      stats: { title: 'A Title', authors: 'N/A', pages: 250, highlights: 5, notes: 2 },
      annotationsFrom: 'nothing',
      annotations: [],
    });
    expect(structuredClone(sidecar)).toEqual(sidecar);
  });

  it('reads how the device shows the book', () => {
    const { presentation } = read({
      font_face: 'Noto Serif',
      copt_font_size: 22.5,
      copt_line_spacing: 110,
      copt_h_page_margins: [30, 30],
      copt_t_page_margin: 30,
      copt_b_page_margin: 15,
      copt_embedded_fonts: 0,
      hyphenation: true,
      floating_punctuation: 0,
      copt_word_spacing: [100, 90],
    });
    expect(presentation).toEqual({
      fontFace: 'Noto Serif',
      fontSize: 22.5,
      lineSpacingPercent: 110,
      horizontalMargins: [30, 30],
      topMargin: 30,
      bottomMargin: 15,
      embeddedFonts: false,
      hyphenation: true,
      floatingPunctuation: false,
      wordSpacing: [100, 90],
    });
  });

  it('leaves out values of the wrong type without failing', () => {
    const sidecar = read({
      partial_md5_checksum: 'abc',
      doc_pages: 110.5,
      percent_finished: '0.5',
      doc_props: 'none',
      summary: { status: 'done', rating: 0, note: '', modified: 7 },
      font_face: 'Kept',
      copt_line_spacing: 110.5,
      copt_h_page_margins: [20.5, 20],
      copt_t_page_margin: -1,
      copt_embedded_fonts: 2,
      annotations: 'none',
      bookmarks: 3,
    });
    expect(sidecar).toEqual({
      docProps: { authors: [], keywords: [], identifiers: [] },
      summary: {},
      presentation: { fontFace: 'Kept' },
      pagemap: {},
      handmadeFlows: { enabled: false, points: [] },
      annotationsFrom: 'nothing',
      annotations: [],
    });
  });

  it.each([
    [-0.5, 0],
    [1.0001, 1],
    [0.25, 0.25],
    [Number.POSITIVE_INFINITY, undefined],
  ])('keeps the part read between 0 and 1: %d', (written, percentFinished) => {
    expect(read({ percent_finished: written }).percentFinished).toBe(percentFinished);
  });

  it.each([[1], [5]])('takes the rating %d', (rating) => {
    expect(read({ summary: { rating } }).summary).toEqual({ rating });
  });

  it.each([[0], [6], [-1], [2.5], ['4']])('does not take %j for a rating', (rating) => {
    expect(read({ summary: { rating } }).summary).toEqual({});
  });

  it('finds the partial MD5 of old files in their statistics', () => {
    const md5 = '9c928bc227e2011e85f931ca159ff710';
    expect(read({ stats: { md5 } }).partialMd5).toBe(md5);
  });

  it('splits the series name and number old files join', () => {
    expect(read({ doc_props: { series: 'Saga #3' } }).docProps).toMatchObject({
      series: 'Saga',
      seriesIndex: '3',
    });
    expect(read({ doc_props: { series: 'We are #one' } }).docProps.series).toBe('We are #one');
  });
});

describe('reading annotations', () => {
  const highlight = {
    page: '/body/p[1]/text().0',
    pos0: '/body/p[1]/text().0',
    pos1: '/body/p[1]/text().9',
    datetime: '2024-01-02 03:04:05',
    drawer: 'lighten',
    text: 'quote',
  };

  it('reads highlights and bookmarks in file order up to the first gap', () => {
    const { annotations, annotationsFrom } = read({
      annotations: new Map<number, LuaContent>([
        [
          1,
          {
            ...highlight,
            color: 'yellow',
            note: 'mine',
            chapter: 'I',
            pageno: 3,
            pageref: '[2]1',
            datetime_updated: '2024-02-02 00:00:00',
          },
        ],
        [2, { page: '/body/p[2]', datetime: '2024-01-03 00:00:00', text: 'in I', pageno: 4, pageref: 5 }],
        [4, highlight],
      ]),
    });
    expect(annotationsFrom).toBe('annotations');
    expect(annotations).toEqual([
      {
        index: 0,
        kind: 'highlight',
        drawer: 'lighten',
        color: 'yellow',
        text: 'quote',
        note: 'mine',
        chapter: 'I',
        pageNumber: 3,
        pageRef: '[2]1',
        datetime: '2024-01-02 03:04:05',
        datetimeUpdated: '2024-02-02 00:00:00',
        startPosition: '/body/p[1]/text().0',
        endPosition: '/body/p[1]/text().9',
        page: '/body/p[1]/text().0',
        key: expect.stringMatching(/^[0-9a-f]{32}$/),
      },
      {
        index: 1,
        kind: 'bookmark',
        text: 'in I',
        pageNumber: 4,
        pageRef: '5',
        datetime: '2024-01-03 00:00:00',
        page: '/body/p[2]',
        key: expect.stringMatching(/^[0-9a-f]{32}$/),
      },
    ]);
  });

  it('writes positions of paged documents as JSON with sorted keys', () => {
    const [annotation] = read({
      annotations: [
        {
          page: 7,
          drawer: 'lighten',
          pos0: { zoom: 1.5, x: 10.5, y: 20, page: 7, rotation: 0 },
          pos1: { x: 100, y: 40 },
        },
      ],
    }).annotations;
    expect(annotation).toMatchObject({
      page: '7',
      startPosition: '{"page":7,"rotation":0,"x":10.5,"y":20,"zoom":1.5}',
      endPosition: '{"page":7,"x":100,"y":40}',
    });
  });

  it('keeps the key when text, note, colour, drawer or place in the list change', () => {
    const before = read({ annotations: [highlight] }).annotations;
    const after = read({
      annotations: [
        { page: '/body/p[0]', datetime: '2024-05-05 00:00:00' },
        {
          ...highlight,
          text: 'other',
          note: 'new',
          color: 'red',
          drawer: 'strikeout',
          datetime_updated: '2025-01-01 00:00:00',
        },
      ],
    }).annotations;
    expect(after[1]?.key).toBe(before[0]?.key);
    expect(after[0]?.key).not.toBe(before[0]?.key);
  });

  it('tells highlights of one second apart by position, and equal ones by their order', () => {
    const keys = keysOf(
      read({ annotations: [highlight, { ...highlight, pos1: '/body/p[3]' }, highlight, highlight] })
        .annotations,
    );
    expect(new Set(keys).size).toBe(4);
    expect(keys[2]).toBe(`${keys[0]}-2`);
    expect(keys[3]).toBe(`${keys[0]}-3`);
  });

  it('reads text that is not UTF-8 with replacement characters', () => {
    const [annotation] = read({
      annotations: [{ text: Buffer.from([0x46, 0xc3]), datetime: 'x' }],
    }).annotations;
    expect(annotation?.text).toBe('F\ufffd');
  });
});

describe('reading the lists of other engines', () => {
  const flowing = [{ page: '/body/p', datetime: '2024-01-01 00:00:00' }];
  const paged = [{ page: 3, datetime: '2024-01-01 00:00:00' }];
  const pagesOf = (content: Parameters<typeof read>[0]) => read(content).annotations.map(({ page }) => page);

  it("leaves out lists of an old KOReader that were moved into today's", () => {
    const sidecar = read({
      annotations: [],
      bookmarks: flowing,
      highlight: new Map([[1, [{ text: 'deleted long ago' }]]]),
    });
    expect(sidecar).toMatchObject({ annotationsFrom: 'annotations', annotations: [] });
    expect(sidecar).not.toHaveProperty('legacyKeys');
  });

  it.each(['annotations_rolling', 'bookmarks_rolling'])(
    'finds what an engine put aside in %s, behind what is in use',
    (list) => {
      expect(pagesOf({ annotations: paged, [list]: flowing, last_page: 3 })).toEqual(['3', '/body/p']);
      expect(pagesOf({ annotations: [], [list]: flowing, last_page: 3 })).toEqual(['/body/p']);
      expect(pagesOf({ bookmarks: paged, [list]: flowing })).toEqual(['3', '/body/p']);
    },
  );

  it.each(['annotations_paging', 'bookmarks_paging'])('finds what the other put aside in %s', (list) => {
    expect(pagesOf({ annotations: flowing, [list]: paged })).toEqual(['/body/p', '3']);
  });

  it('finds highlights of an old KOReader that were put aside with their bookmarks', () => {
    const at = { datetime: '2024-01-01 00:00:00', pos0: '/body/p[1].0', pos1: '/body/p[1].9' };
    const { annotations } = read({
      annotations: [],
      bookmarks_rolling: [{ ...at, page: at.pos0, notes: 'quote', highlighted: true }],
      highlight_rolling: new Map([[1, [{ ...at, drawer: 'underscore', color: 'red', text: 'quote' }]]]),
    });
    expect(annotations).toMatchObject([{ kind: 'highlight', drawer: 'underscore', color: 'red' }]);
  });

  it('counts them through, and a mark that is in two lists once', () => {
    const { annotations, legacyKeys } = read({
      annotations: paged,
      annotations_rolling: flowing,
      bookmarks_rolling: [...flowing, { page: '/body/p[9]', datetime: '2020-01-01 00:00:00' }],
    });
    expect(annotations.map(({ index, page }) => [index, page])).toEqual([
      [0, '3'],
      [1, '/body/p'],
      [2, '/body/p[9]'],
    ]);
    expect(legacyKeys).toEqual([annotations[2]?.key]);
  });

  it('takes the list of the engine that was used last first when none is in use', () => {
    const both = { annotations_rolling: flowing, annotations_paging: paged };
    expect(pagesOf({ ...both, last_page: 3 })).toEqual(['3', '/body/p']);
    expect(pagesOf({ ...both, last_xpointer: '/body' })).toEqual(['/body/p', '3']);
    expect(read({ bookmarks_paging: paged }).annotations).toMatchObject([
      { kind: 'bookmark', page: '3', pageNumber: 3 },
    ]);
  });
});
