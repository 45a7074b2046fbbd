import { describe, expect, it } from 'vitest';

import { formatNumber, writeLua } from '../../../../server/formats/koreader/lua-writer.ts';
import { luaString, readLua } from '../../../../server/formats/koreader/lua.ts';
import type { LuaKey, LuaTable, LuaValue } from '../../../../server/formats/koreader/lua.ts';
import { luaTable } from '../../../support/make-sidecar.ts';

const write = (table: LuaTable): string => writeLua(table).toString('latin1');

describe('writing Lua tables', () => {
  it("writes KOReader's layout", () => {
    const table = luaTable({
      stats: { performance_in_pages: {}, pages: 5 },
      list: ['a', true],
      doc_pages: 12,
    });
    expect(writeLua(table, luaString('/mnt/é.sdr/metadata.epub.lua')).toString()).toBe(
      [
        '-- /mnt/é.sdr/metadata.epub.lua',
        'return {',
        '    ["doc_pages"] = 12,',
        '    ["list"] = {',
        '        [1] = "a",',
        '        [2] = true,',
        '    },',
        '    ["stats"] = {',
        '        ["pages"] = 5,',
        '        ["performance_in_pages"] = {},',
        '    },',
        '}',
        '',
      ].join('\n'),
    );
  });

  it('sorts numbers by value, strings by bytes and mixed keys by how they print', () => {
    const table: LuaTable = new Map<LuaKey, LuaValue>([
      ['zebra', 1],
      ['Ärger', 1],
      ['alpha', 1],
      [10, 1],
      ['1', 1],
      [2, 1],
      [1, 1],
      [-1, 1],
      [1.5, 1],
      [true, 1],
    ]);
    const keys = [...write(table).matchAll(/^ {4}\[(.*)\] = /gm)].map((match) => match[1]);
    expect(keys).toEqual(['-1', '1', '"1"', '1.5', '2', '10', '"alpha"', 'true', '"zebra"', '"Ärger"']);
  });

  it('quotes strings as LuaJIT does', () => {
    const table = luaTable(['a"b\\c\nd\re\tf', '\0\x01\x1f\x7f', '\x017\n8\r9', Buffer.from([0x80, 0xff])]);
    expect(write(table)).toBe(
      'return {\n' +
        '    [1] = "a\\"b\\\\c\\\nd\\13e\\9f",\n' +
        '    [2] = "\\0\\1\\31\\127",\n' +
        '    [3] = "\\0017\\\n8\\0139",\n' +
        '    [4] = "\x80\xff",\n' +
        '}\n',
    );
  });

  it.each([
    [0.1 + 0.2, '0.3'],
    [5, '5'],
    [-0, '-0'],
    [2 ** 60, '1.1529215046068e+18'],
    [1e14, '1e+14'],
    [99_999_999_999_999, '99999999999999'],
    [123_456_789_012_345, '1.2345678901234e+14'],
    [0.000_123_4, '0.0001234'],
    [0.000_012_34, '1.234e-05'],
    [-1 / 3, '-0.33333333333333'],
    [185.083_860_759_49, '185.08386075949'],
    [9.9998886718268e-321, '9.9998886718268e-321'],
    [1.797_693_134_862_315_7e308, '1.7976931348623e+308'],
    [0.999_999_999_999_999_9, '1'],
    // Exact halves go to the even digit, as in C.
    [1_234_567_890_122.25, '1234567890122.2'],
    [1_234_567_890_122.75, '1234567890122.8'],
  ])('prints %d as %s', (number, printed) => {
    expect(formatNumber(number)).toBe(printed);
  });

  it('leaves out numbers that Lua could not read back', () => {
    const table: LuaTable = new Map<LuaKey, LuaValue>([
      ['a', Number.NaN],
      ['b', Number.NEGATIVE_INFINITY],
      [Number.POSITIVE_INFINITY, 1],
      ['c', 1],
    ]);
    expect(write(table)).toBe('return {\n    ["c"] = 1,\n}\n');
  });

  it('keeps a line end in the comment from becoming code', () => {
    const file = writeLua(luaTable({}), luaString('/books/a\nos.exit()\r.lua')).toString();
    expect(file).toBe('-- /books/a os.exit() .lua\nreturn {}\n');
  });

  it('refuses a table that holds itself', () => {
    const table: LuaTable = new Map();
    table.set('self', table);
    expect(() => writeLua(table)).toThrow('more than 200 deep');
  });

  it('gives the same bytes again after any round trip', () => {
    let seed = 1;
    const random = (below: number): number => {
      seed = (seed * 48_271) % 0x7fff_ffff;
      return seed % below;
    };
    const bytes = (): string => String.fromCharCode(...Array.from({ length: random(12) }, () => random(256)));
    const value = (depth: number): LuaValue => {
      const kind = random(depth > 4 ? 4 : 6);
      if (kind === 0) return random(2) === 0;
      if (kind === 1) return (random(2000) - 1000) / (random(7) + 1);
      if (kind === 2) return random(1_000_000_000);
      return kind === 3 ? { bytes: bytes() } : table(depth + 1);
    };
    const table = (depth: number): LuaTable =>
      new Map(
        Array.from(
          { length: random(6) },
          () => [random(3) === 0 ? random(20) - 5 : bytes(), value(depth)] as const,
        ),
      );
    for (let round = 0; round < 300; round += 1) {
      const made: LuaTable = new Map([[1, value(0)]]);
      const first = writeLua(made, { bytes: 'path' });
      const again = readLua(first);
      expect(writeLua(again.table, again.comment).equals(first)).toBe(true);
      expect(again.table.size).toBe(1);
    }
  });
});
