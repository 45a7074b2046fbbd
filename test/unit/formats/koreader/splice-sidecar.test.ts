import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rewriteSidecar } from '../../../../server/formats/koreader/edit-sidecar.ts';
import type { AnnotationChange, SidecarEdit } from '../../../../server/formats/koreader/edit-sidecar.ts';
import { findLayout } from '../../../../server/formats/koreader/lua-layout.ts';
import { readLua } from '../../../../server/formats/koreader/lua.ts';
import { readSidecar } from '../../../../server/formats/koreader/sidecar.ts';
import { spliceSidecar } from '../../../../server/formats/koreader/splice-sidecar.ts';
import { aBookmark, aHighlight } from '../../../support/builders.ts';
import { makeSidecar } from '../../../support/make-sidecar.ts';
import type { LuaContent } from '../../../support/make-sidecar.ts';

const TODAY = '2026-03-14';
/** What is put in the place of another byte. */
const PUT = [
  '"',
  '\\',
  '\n',
  '\r',
  '\0',
  '{',
  '}',
  '[',
  ']',
  '=',
  ',',
  ' ',
  '0',
  '-',
  '9',
  'e',
  '.',
  '+',
  'x',
  'n',
  '(',
];
const NOW = '2026-03-14 12:30:00';

const keysOf = (file: Buffer) => readSidecar(file).annotations.map(({ key }) => key);
const splice = (file: Buffer, edit: SidecarEdit) => spliceSidecar(file, edit, keysOf(file));
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

/** Texts with everything a writer has to escape, and bytes that are no UTF-8. */
const text: fc.Arbitrary<LuaContent> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.array(fc.constantFrom('"', '\\', '\n', '\r', '\0', '7', '}', ',', '["summary"] = {', 'ä'), { maxLength: 8 }).map((all) => all.join('')),
  fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
); // prettier-ignore
const scalar = fc.oneof(text, fc.double(), fc.integer(), fc.boolean());
const { anything } = fc.letrec<{ anything: LuaContent }>((tie) => ({
  anything: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.array(tie('anything'), { maxLength: 3 }),
    fc.dictionary(fc.string({ maxLength: 6 }), tie('anything'), { maxKeys: 4 }),
  ),
}));
const mark: fc.Arbitrary<LuaContent> = fc.record(
  {
    chapter: text,
    color: fc.constantFrom('yellow', 'blue'),
    datetime: fc.constantFrom('2024-01-01 10:00:00', '2024-01-02 10:00:00', 'soon'),
    drawer: fc.constantFrom('lighten', 'underscore'),
    note: text,
    page: fc.oneof(fc.constantFrom('/body/p[1]', '/body/p[2]'), fc.nat(3)),
    pos0: fc.oneof(fc.constantFrom('/body/p[1].0', '/body/p[2].0'), fc.record({ x: fc.double(), y: fc.nat() })),
    pos1: fc.oneof(fc.constantFrom('/body/p[1].9', '/body/p[2].9'), fc.record({ x: fc.double(), y: fc.nat() })),
    text,
    odd: anything,
  },
  { requiredKeys: [] },
); // prettier-ignore
const content = fc
  .tuple(
    fc.dictionary(fc.string({ maxLength: 10 }), anything, { maxKeys: 5 }),
    fc.record(
      {
        annotations: fc.array(mark, { maxLength: 6 }),
        stats: fc.oneof(fc.record({ highlights: fc.nat(3), notes: fc.nat(3), title: text }), anything),
        summary: fc.oneof(fc.record({ modified: fc.constant('2020-01-01'), rating: fc.nat(5) }), anything),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([rest, known]): Record<string, LuaContent | undefined> => ({ ...rest, ...known }));
const change: fc.Arbitrary<AnnotationChange> = fc.record(
  {
    note: fc.option(fc.string({ unit: 'binary', maxLength: 10 })),
    color: fc.constantFrom('red', 'gray'),
    drawer: fc.constantFrom('lighten', 'invert'),
  },
  { requiredKeys: [] },
);
const edit = fc.oneof(
  fc.record({
    kind: fc.constant('annotation' as const),
    which: fc.nat(5),
    change,
    now: fc.constant(NOW),
  }),
  fc.record({
    kind: fc.constant('summary' as const),
    change: fc.record(
      {
        note: fc.option(fc.string({ unit: 'binary', maxLength: 10 })),
        rating: fc.nat(5),
        status: fc.constantFrom('reading' as const, 'complete' as const, null),
      },
      { requiredKeys: [] },
    ),
    today: fc.constant(TODAY),
  }),
);

describe('splicing a sidecar', () => {
  it('gives byte for byte what a whole rewrite gives, and says of the part what the file then says', () => {
    let spliced = 0;
    fc.assert(
      fc.property(content, edit, (table, wanted) => {
        const file = makeSidecar(table);
        const keys = keysOf(file);
        const made: SidecarEdit =
          wanted.kind === 'summary' ? wanted : { ...wanted, key: keys[wanted.which] ?? 'none' };
        const result = spliceSidecar(file, made, keys);
        if (result === undefined) return;
        spliced += 1;
        const whole = rewriteSidecar(file, made);
        if (whole.outcome !== 'edited') throw new Error(whole.outcome);
        expect(textOf(result.bytes)).toBe(textOf(whole.bytes));
        if (result.part === 'summary') expect(result.summary).toEqual(whole.sidecar.summary);
        else expect(result.annotation).toEqual(whole.sidecar.annotations[result.annotation.index]);
        expect(whole.sidecar.annotations.map(({ key }) => key)).toEqual(keys);
      }),
      { numRuns: 400 },
    );
    expect(spliced).toBeGreaterThan(150);
  });

  it('never takes a file for whole that is cut off, or of which a byte is another, when reading it fails', () => {
    const file = makeSidecar({
      annotations: [aHighlight(1, { note: 'a "b"\\\n\r1', pos0: { x: 1.5e-7, page: 3 } }), aBookmark(2)],
      stats: { highlights: 1, notes: 0, performance_in_pages: {} },
      summary: { modified: TODAY, rating: -0 },
    });
    expect(findLayout(file)).toBeDefined();
    const isRead = (bytes: Buffer) => {
      try {
        return readLua(bytes).table;
      } catch {
        return undefined;
      }
    };
    for (let length = 0; length < file.length; length += 1) {
      expect(findLayout(file.subarray(0, length))).toBeUndefined();
    }
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.constantFrom(...PUT), (at, put) => {
        const changed = Buffer.from(file);
        changed.write(put, at, 'latin1');
        const layout = findLayout(changed);
        if (layout === undefined) return;
        const table = isRead(changed);
        expect([...(table?.keys() ?? [])]).toEqual([...layout.entries.keys()]);
        const list = table?.get('annotations');
        expect(list instanceof Map ? list.size : undefined).toBe(layout.annotations?.length);
      }),
      { numRuns: 2_000 },
    );
  });

  it('keeps what KOReader would have written otherwise', () => {
    const file = Buffer.from(
      makeSidecar({ annotations: [aHighlight(1)], percent_finished: 0.5, zoom: 1 })
        .toString('latin1')
        .replace('= 0.5,', '= 0.5000,'),
      'latin1',
    );
    const [key = ''] = keysOf(file);
    const result = splice(file, { kind: 'annotation', key, change: { note: 'New' }, now: NOW });
    expect(textOf(result!.bytes)).toContain('["percent_finished"] = 0.5000,');
    expect(readSidecar(result!.bytes).annotations[0]?.note).toBe('New');
  });

  it.each<[string, string]>([
    ['another layout', 'return { annotations = {} }'],
    ['entries in another order', 'return {\n    ["b"] = 1,\n    ["a"] = 2,\n}\n'],
    ['an entry twice', 'return {\n    ["a"] = 1,\n    ["a"] = 2,\n}\n'],
    ['code', 'return {\n    ["a"] = os.exit(),\n}\n'],
    ['a list with a gap', 'return {\n    ["annotations"] = {\n        [2] = {},\n    },\n}\n'],
    ['more behind the table', 'return {\n    ["a"] = 1,\n}\nreturn 1\n'],
    ['a number Lua does not know', 'return {\n    ["a"] = 1.,\n}\n'],
    ['a character beyond a byte', 'return {\n    ["a"] = "\\256",\n}\n'],
  ])('leaves %s to a whole rewrite', (_, source) => {
    const edit: SidecarEdit = { kind: 'summary', change: { rating: 4 }, today: TODAY };
    expect(spliceSidecar(Buffer.from(source, 'latin1'), edit, [])).toBeUndefined();
  });

  it('leaves to a whole rewrite: a mark that is not where it was, a bookmark that becomes a highlight, a removal', () => {
    const file = makeSidecar({ annotations: [aHighlight(1), aBookmark(2)] });
    const [first = '', second = ''] = keysOf(file);
    const edit = (key: string, change: AnnotationChange): SidecarEdit => ({
      kind: 'annotation',
      key,
      change,
      now: NOW,
    });
    expect(spliceSidecar(file, edit(first, {}), [second, first])).toBeUndefined();
    expect(spliceSidecar(file, edit(first, {}), [first])).toBeUndefined();
    expect(splice(file, edit('none', {}))).toBeUndefined();
    expect(splice(file, edit(second, { drawer: 'invert' }))).toBeUndefined();
    expect(splice(file, { kind: 'annotation-removal', key: first })).toBeUndefined();
    expect(splice(file, edit(second, { note: 'Here' }))).toMatchObject({
      annotation: { index: 1, note: 'Here' },
    });
  });

  it('tells marks with the same key apart', () => {
    const file = makeSidecar({ annotations: [aHighlight(1), aHighlight(1), aHighlight(2)] });
    const [, key = ''] = keysOf(file);
    const edit: SidecarEdit = { kind: 'annotation', key, change: { note: 'Mine' }, now: NOW };
    expect(splice(file, edit)).toMatchObject({ annotation: { index: 1, key, note: 'Mine' } });
    expect(rewriteSidecar(file, edit)).toMatchObject({ bytes: splice(file, edit)?.bytes });
  });
});
