import { describe, expect, it } from 'vitest';
import { parseJson } from '../../../server/http/json-text.ts';

const BOUNDS = { mostValues: 3_000_000, mostInRow: 50_000 };
const read = (text: string, bounds = BOUNDS): Promise<unknown> => parseJson(Buffer.from(text), bounds);
const refused = (kind: string) => expect.objectContaining({ kind }) as Error;

/** A list whose text is some slices long, with every sign that could be taken for another. */
const rows = Array.from({ length: 9_000 }, (_, n) => ({
  id: n,
  said: `"quoted", {[braces]} and \\ back ${'\\'.repeat(n % 7)} — ünïcode 漢字 😀`,
  deep: [[{ a: [n, null, true, -1.5e3] }], {}, []],
}));

describe('a text of JSON', () => {
  it.each([
    ['a long list', { batch: rows }],
    [
      'two long lists and what lies between',
      { first: rows, 'a,"b': { c: rows.slice(0, 3) }, second: rows, end: null },
    ],
    ['a long list in an object', { outer: { batch: rows } }],
    ['a list that is all there is', rows],
    ['one long row', { batch: ['x'.repeat(900_000)] }],
    ['rows longer than a slice', { batch: Array.from({ length: 5 }, () => 'y\\"'.repeat(200_000)) }],
    ['little', { a: 1 }],
    ['nothing', {}],
  ])('is read as JSON.parse does: %s', async (_, value) => {
    for (const text of [JSON.stringify(value), JSON.stringify(value, null, 2)])
      expect(await read(text, { ...BOUNDS, mostInRow: 1_000_000 })).toEqual(JSON.parse(text));
  });

  it('keeps the last of two members of one name, and one named __proto__', async () => {
    const long = JSON.stringify(rows);
    for (const text of [`{"a":${long},"a":1}`, `{"a":1,"a":${long}}`, `{"__proto__":${long}}`])
      expect(await read(text)).toEqual(JSON.parse(text));
  });

  const long = JSON.stringify(rows).slice(1, -1);
  it.each([
    `{"a":[${long},]}`,
    `{"a":[${long},,1]}`,
    `{"a":[,${long}]}`,
    `{"a":[${long}}`,
    `{"a":[${long}]`,
    `{"a":[${long}]}}`,
    `{"a":[${long} 1]}`,
    `{"a":"${'x'.repeat(600_000)}`,
    '{"a":1,}',
    '',
    'x',
  ])('that is none is refused (%#)', async (text) => {
    expect(() => JSON.parse(text) as unknown).toThrow();
    await expect(read(text)).rejects.toThrow(refused('invalid'));
  });

  it('with too many values is refused before any of them is made', async () => {
    const many = (value: string, count: number) => `{"batch":[${`${value},`.repeat(count)}${value}]}`;
    await expect(read(many('1', 3_000_001))).rejects.toThrow(refused('too_large'));
    await expect(read(many('{}', 1_600_000))).rejects.toThrow(refused('too_large'));
    await expect(read(`{"batch":[{"a":${many('[]', 50_000)}}]}`)).rejects.toThrow(refused('too_large'));
    expect(await read(`{"batch":["${',[{'.repeat(100_000)}"]}`)).toBeDefined();
  });

  it('lets others have their turn between its parts', async () => {
    let turns = 0;
    let goesOn = true;
    const others = (async () => {
      while (goesOn) {
        turns += 1;
        await new Promise((resolve) => void setImmediate(resolve));
      }
    })();
    const text = JSON.stringify({ batch: rows });
    await read(text);
    goesOn = false;
    await others;
    // Once a slice for counting and once for making.
    expect(turns).toBeGreaterThanOrEqual(Math.floor(text.length / (256 * 1024)) * 2);
  });
});
