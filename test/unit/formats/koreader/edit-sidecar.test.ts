import { describe, expect, it } from 'vitest';

import {
  deleteAnnotation,
  editAnnotation,
  editSummary,
  rewriteSidecar,
} from '../../../../server/formats/koreader/edit-sidecar.ts';
import type { EditedSidecar, SidecarEdit } from '../../../../server/formats/koreader/edit-sidecar.ts';
import { writeLua } from '../../../../server/formats/koreader/lua-writer.ts';
import type { LuaTable } from '../../../../server/formats/koreader/lua.ts';
import { readSidecar } from '../../../../server/formats/koreader/sidecar.ts';
import { aBookmark, aHighlight } from '../../../support/builders.ts';
import { luaTable, makeSidecar } from '../../../support/make-sidecar.ts';
import type { LuaContent } from '../../../support/make-sidecar.ts';

type Content = Record<string, LuaContent | undefined>;

const TODAY = '2026-03-14';
const NOW = '2026-03-14 12:30:00';

/** What the edit leaves of a table, as a table of plain values would be written. */
const after = (content: Content, edit: (table: LuaTable) => void): string => {
  const table = luaTable(content);
  edit(table);
  return writeLua(table).toString('latin1');
};
const written = (content: Content): string => writeLua(luaTable(content)).toString('latin1');

const edited = (result: EditedSidecar) => {
  if (result.outcome !== 'edited') throw new Error(result.outcome);
  return { text: Buffer.from(result.bytes).toString('latin1'), sidecar: result.sidecar };
};
const rewrite = (file: string | Buffer, edit: SidecarEdit) =>
  edited(rewriteSidecar(typeof file === 'string' ? Buffer.from(file, 'latin1') : file, edit));
const nothing: SidecarEdit = { kind: 'summary', change: {}, today: TODAY };

describe('editing the summary', () => {
  const before: Content = {
    summary: { status: 'reading', rating: 3, note: 'Good', modified: '2020-01-01', extra: 7 },
  };

  it('sets what is given, keeps the rest, and always dates it', () => {
    expect(after(before, (table) => editSummary(table, { rating: 5 }, TODAY))).toBe(
      written({ summary: { status: 'reading', rating: 5, note: 'Good', modified: TODAY, extra: 7 } }),
    );
    expect(after(before, (table) => editSummary(table, {}, TODAY))).toBe(
      written({ summary: { status: 'reading', rating: 3, note: 'Good', modified: TODAY, extra: 7 } }),
    );
    expect(
      after(before, (table) => editSummary(table, { note: ' two\nlines ', status: 'complete' }, TODAY)),
    ).toBe(
      written({
        summary: { status: 'complete', rating: 3, note: ' two\nlines ', modified: TODAY, extra: 7 },
      }),
    );
  });

  it('clears with null, a rating of 0 and a note of blanks', () => {
    const cleared = written({ summary: { modified: TODAY, extra: 7 } });
    expect(
      after(before, (table) => editSummary(table, { note: null, rating: null, status: null }, TODAY)),
    ).toBe(cleared);
    expect(
      after(before, (table) => editSummary(table, { note: ' \n\t', rating: 0, status: null }, TODAY)),
    ).toBe(cleared);
  });

  it('makes a summary where there is none, or something that is none', () => {
    const made = written({ doc_pages: 5, summary: { modified: TODAY, rating: 4 } });
    expect(after({ doc_pages: 5 }, (table) => editSummary(table, { rating: 4 }, TODAY))).toBe(made);
    expect(after({ doc_pages: 5, summary: 'odd' }, (table) => editSummary(table, { rating: 4 }, TODAY))).toBe(
      made,
    );
  });
});

describe('editing an annotation', () => {
  const noted = (note: string | undefined, rest: Content = {}) => aHighlight(1, { note, ...rest });
  const book = (annotation: Content, stats: Content = { highlights: 4, notes: 2 }): Content => ({
    annotations: [annotation, aHighlight(2)],
    stats,
  });

  it('gives a highlight its first note: the time of the change is set and it counts as a note', () => {
    expect(after(book(noted(undefined)), (table) => editAnnotation(table, 0, { note: 'New' }, NOW))).toBe(
      written(book(noted('New', { datetime_updated: NOW }), { highlights: 3, notes: 3 })),
    );
  });

  it.each([null, '', '  \n'])('takes its note away with %j: it counts as a highlight again', (note) => {
    expect(after(book(noted('Old')), (table) => editAnnotation(table, 0, { note }, NOW))).toBe(
      written(book(noted(undefined, { datetime_updated: NOW }), { highlights: 5, notes: 1 })),
    );
  });

  it('changes a note for another without touching time or counters', () => {
    const file = book(noted('Old', { datetime_updated: '2024-02-02 10:00:00' }));
    expect(after(file, (table) => editAnnotation(table, 0, { note: 'New' }, NOW))).toBe(
      written(book(noted('New', { datetime_updated: '2024-02-02 10:00:00' }))),
    );
    expect(after(file, (table) => editAnnotation(table, 0, {}, NOW))).toBe(written(file));
  });

  it('sets the time of the change with a colour or a drawer, also when they are what they were', () => {
    expect(after(book(noted('Old')), (table) => editAnnotation(table, 0, { color: 'blue' }, NOW))).toBe(
      written(book(noted('Old', { color: 'blue', datetime_updated: NOW }))),
    );
    expect(after(book(noted('Old')), (table) => editAnnotation(table, 0, { drawer: 'lighten' }, NOW))).toBe(
      written(book(noted('Old', { datetime_updated: NOW }))),
    );
  });

  it('never counts the note of a bookmark, which has no drawer', () => {
    expect(after(book(aBookmark(1)), (table) => editAnnotation(table, 0, { note: 'Here' }, NOW))).toBe(
      written(book(aBookmark(1, { note: 'Here' }))),
    );
    expect(
      after(book(aBookmark(1)), (table) => editAnnotation(table, 0, { note: 'Here', drawer: 'invert' }, NOW)),
    ).toBe(written(book(aBookmark(1, { note: 'Here', drawer: 'invert', datetime_updated: NOW }))));
  });

  it.each<[Content, Content]>([
    [
      { highlights: 0, notes: 2 },
      { highlights: 0, notes: 3 },
    ],
    [{ notes: 2 }, { notes: 3 }],
    [
      { highlights: 'four', notes: 2.5 },
      { highlights: 'four', notes: 2.5 },
    ],
    [{}, {}],
  ])('moves only counters that are whole numbers, none below 0: %j', (stats, moved) => {
    expect(
      after(book(noted(undefined), stats), (table) => editAnnotation(table, 0, { note: 'New' }, NOW)),
    ).toBe(written(book(noted('New', { datetime_updated: NOW }), moved)));
  });

  it('refuses an index that is not there', () => {
    expect(() => editAnnotation(luaTable(book(noted('Old'))), 2, {}, NOW)).toThrow(RangeError);
    expect(() => editAnnotation(luaTable({}), 0, {}, NOW)).toThrow(RangeError);
  });
});

describe('the format of a note', () => {
  const html = { annotations: [aHighlight(1, { note: '<p>Rich</p>', note_format: 'html' })] };
  const change = (change: { note?: string | null; color?: string }) =>
    after(html, (table) => editAnnotation(table, 0, change, NOW));

  it('goes with the note that plain text, or nothing, takes the place of', () => {
    expect(change({ note: 'Plain' })).toBe(written({ annotations: [aHighlight(1, { note: 'Plain' })] }));
    expect(change({ note: null })).not.toContain('note_format');
  });

  it('stays with a note that stays', () => {
    expect(change({ note: '<p>Rich</p>' })).toBe(written(html));
    expect(change({ color: 'red' })).toContain('["note_format"] = "html"');
  });
});

describe('deleting an annotation', () => {
  const list = [aHighlight(1), aBookmark(2), aHighlight(3, { note: 'Mine' }), aHighlight(4)];
  const stats = { highlights: 2, notes: 1 };
  const without = (index: number) => list.filter((_, at) => at !== index);

  it.each([
    [0, 'a highlight', { highlights: 1, notes: 1 }],
    [1, 'a bookmark', { highlights: 2, notes: 1 }],
    [2, 'a note', { highlights: 2, notes: 0 }],
    [3, 'the last one', { highlights: 1, notes: 1 }],
  ])('moves the later ones up and counts down: index %i, %s', (index, _, counted) => {
    expect(after({ annotations: list, stats }, (table) => deleteAnnotation(table, index))).toBe(
      written({ annotations: without(index), stats: counted }),
    );
  });

  it('leaves an empty list behind the only one, and counters at 0', () => {
    expect(
      after({ annotations: [aHighlight(1)], stats: { highlights: 0 } }, (table) =>
        deleteAnnotation(table, 0),
      ),
    ).toBe(written({ annotations: [], stats: { highlights: 0 } }));
  });

  it('refuses an index that is not there', () => {
    expect(() => deleteAnnotation(luaTable({ annotations: list }), 4)).toThrow(RangeError);
  });
});

describe('rewriting a file', () => {
  const file = makeSidecar({
    annotations: [
      aHighlight(1, { note: 'He said "no"\\\nand left', pos0: { x: 19.5, y: 0.264102564102564, page: 3 } }),
      aBookmark(2),
    ],
    handmade_flow_points: {},
    percent_finished: 0.264102564102564,
    stats: { highlights: 0, notes: 1, performance_in_pages: {} },
    summary: { modified: TODAY, note: 'Good', rating: 3, status: 'reading' },
    text_lang: 'de-DE',
    use_pages: true,
  });

  it('keeps every byte that the edit does not mean', () => {
    expect(rewrite(file, nothing).text).toBe(file.toString('latin1'));
    expect(rewrite(file, { kind: 'summary', change: { rating: 5 }, today: TODAY }).text).toBe(
      file.toString('latin1').replace('["rating"] = 3,', '["rating"] = 5,'),
    );
  });

  it('keeps bytes that are no UTF-8', () => {
    const cut = Buffer.from([0x46, 0x72, 0x61, 0x6e, 0xc3, 0x2e, 0x2e, 0x2e, 0xff]);
    const odd = makeSidecar({ annotations: [aHighlight(1, { text: cut })], summary: { modified: TODAY } });
    expect(rewrite(odd, nothing).text).toBe(odd.toString('latin1'));
    expect(rewrite(odd, { kind: 'summary', change: { note: 'Fräulein' }, today: TODAY }).text).toContain(
      cut.toString('latin1'),
    );
  });

  it('keeps the first line, and makes none', () => {
    const body = `return {\n    ["summary"] = {\n        ["modified"] = "${TODAY}",\n    },\n}\n`;
    expect(rewrite(`-- we can read Lua syntax here!\n${body}`, nothing).text).toBe(
      `-- we can read Lua syntax here!\n${body}`,
    );
    expect(rewrite(body, nothing).text).toBe(body);
  });

  it("brings any other layout into KOReader's: numbers first, then names in the order of their bytes", () => {
    const loose = `return { zebra = 1, [2] = 'b', alpha = {}, [1] = "line1\\nline2\\\\end\\"quoted\\"", -- gone\n}`;
    expect(rewrite(loose, nothing).text).toBe(
      [
        'return {',
        '    [1] = "line1\\',
        'line2\\\\end\\"quoted\\"",',
        '    [2] = "b",',
        '    ["alpha"] = {},',
        '    ["summary"] = {',
        `        ["modified"] = "${TODAY}",`,
        '    },',
        '    ["zebra"] = 1,',
        '}',
        '',
      ].join('\n'),
    );
  });

  it('finds an annotation by its key, wherever it is now, and says what the file says then', () => {
    const [first, second] = readSidecar(file).annotations;
    const key = second!.key;
    const removed = rewrite(file, { kind: 'annotation-removal', key: first!.key });
    expect(removed.sidecar.annotations).toEqual([{ ...second, index: 0 }]);
    const noted = rewrite(Buffer.from(removed.text, 'latin1'), {
      kind: 'annotation',
      key,
      change: { note: 'Here' },
      now: NOW,
    });
    expect(noted.sidecar.annotations).toEqual([{ ...second, index: 0, note: 'Here' }]);
    expect(noted.sidecar).toEqual(readSidecar(Buffer.from(noted.text, 'latin1')));
  });

  it('says when there is no such annotation', () => {
    expect(rewriteSidecar(file, { kind: 'annotation-removal', key: 'none' })).toEqual({ outcome: 'gone' });
  });

  it('leaves highlights in the lists of an old KOReader alone, but not its summary', () => {
    const old = makeSidecar({
      bookmarks: [{ datetime: '2020-01-01 10:00:00', notes: 'A line', highlighted: true, page: 3 }],
    });
    const { key } = readSidecar(old).annotations[0]!;
    expect(rewriteSidecar(old, { kind: 'annotation-removal', key })).toEqual({ outcome: 'legacy' });
    expect(rewriteSidecar(old, { kind: 'annotation', key, change: {}, now: NOW })).toEqual({
      outcome: 'legacy',
    });
    expect(
      rewrite(old, { kind: 'summary', change: { rating: 4 }, today: TODAY }).sidecar.summary?.rating,
    ).toBe(4);
  });

  it.each([
    ['code', 'return { os.execute("true") }', 'damaged'],
    ['a file cut in half', file.subarray(0, 200).toString('latin1'), 'damaged'],
    ['nothing', '', 'empty'],
  ])('refuses %s', (_, damaged, reason) => {
    expect(() => rewriteSidecar(Buffer.from(damaged, 'latin1'), nothing)).toThrow(reason);
  });
});
