import { describe, expect, it } from 'vitest';

import { UnreadableFile } from '../../../../server/formats/book.ts';
import { luaString, luaText, readLua } from '../../../../server/formats/koreader/lua.ts';
import type { LuaTable, LuaValue } from '../../../../server/formats/koreader/lua.ts';

const read = (source: string | Buffer): LuaTable => readLua(Buffer.from(source)).table;

/** Tables as plain entries, strings as text. */
const plain = (value: LuaValue | undefined): unknown => {
  if (value instanceof Map) return [...value].map(([key, item]) => [key, plain(item)]);
  return typeof value === 'object' ? luaText(value) : value;
};

const refusal = (source: string | Buffer): [string, string] => {
  try {
    readLua(Buffer.from(source));
  } catch (error) {
    if (error instanceof UnreadableFile) return [error.reason, error.message];
    throw error;
  }
  return ['accepted', ''];
};

describe('reading Lua tables', () => {
  it('reads bracketed, bare and positional entries with either separator', () => {
    expect(plain(read(`return { ["a"] = 1, b = 2; 'x', [3.5] = true, [true] = false, "y" }`))).toEqual([
      ['a', 1],
      ['b', 2],
      [1, 'x'],
      [3.5, true],
      [true, false],
      [2, 'y'],
    ]);
  });

  it.each([
    ['0x1F', 31],
    ['0x.8p1', 1],
    ['-1.5e-3', -0.0015],
    ['.5', 0.5],
    ['5.', 5],
    ['- 7', -7],
    ['1e400', Number.POSITIVE_INFINITY],
  ])('reads the number %s', (written, number) => {
    expect(read(`return { ${written} }`).get(1)).toBe(number);
  });

  it.each([
    [String.raw`"a\n\t\\\"\'\65\x41\u{41}\u{20AC}\z   b"`, 'a\n\t\\"\'AAA€b'],
    ['"one\\\r\ntwo\\\nthree"', 'one\ntwo\nthree'],
    [String.raw`"\0017\128"`, '\x017\ufffd'],
    [`'it is "here"'`, 'it is "here"'],
    ['[[\nline\r\nline]]', 'line\nline'],
    ['[==[ ]] ]=] ]==]', ' ]] ]=] '],
    ['"-- no comment"', '-- no comment'],
  ])('reads the string %s', (written, text) => {
    expect(plain(read(`return { ${written} }`).get(1))).toBe(text);
  });

  it('keeps bytes that are not UTF-8', () => {
    const value = read(
      Buffer.from([...Buffer.from('return {"'), 0xff, 0xe2, 0x82, ...Buffer.from('"}')]),
    ).get(1);
    expect(value).toEqual({ bytes: '\xff\xe2\x82' });
  });

  it('reads text and its bytes alike', () => {
    expect(luaText(luaString('日本 ü\0'))).toBe('日本 ü\0');
    expect(luaString('ü')).toEqual({ bytes: '\xc3\xbc' });
  });

  it('skips comments, a byte order mark and carriage returns', () => {
    const file = readLua(
      Buffer.from('\ufeff-- /path\r\n--[==[ a ]] \n b ]==] return --x\r\n{\r\n1, --[[c]] 2 }; -- end'),
    );
    expect(plain(file.table)).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect(file.comment).toEqual({ bytes: '/path' });
  });

  it('has no comment when the file starts with a block comment or none', () => {
    expect(readLua(Buffer.from('--[[ x ]] return {}')).comment).toBeUndefined();
    expect(readLua(Buffer.from('return {}')).comment).toBeUndefined();
  });

  it('leaves out nil and names without a value', () => {
    expect(
      plain(read('return { a = nil, b = nan, c = inf, d = -inf, e = whatever, [nan] = 1, nil, 2 }')),
    ).toEqual([[2, 2]]);
  });

  it.each([
    ['{ a = -inf }', true],
    ['{ a = { - nan } }', true],
    ['{ [nan] = 1 }', true],
    ['{ a = inf, b = nan, c = nil, -1 }', undefined],
  ])('says whether a Lua that runs %s fails', (table, fails) => {
    expect(readLua(Buffer.from(`return ${table}`)).fails).toBe(fails);
  });

  it('lets a later entry replace or remove an earlier one', () => {
    expect(plain(read('return { a = 1, a = 2, b = 1, b = nil }'))).toEqual([['a', 2]]);
  });

  it('keeps names that mean something in JavaScript as plain entries', () => {
    const table = read('return { ["__proto__"] = { x = 1 }, constructor = 2, hasOwnProperty = 3 }');
    expect([...table.keys()]).toEqual(['__proto__', 'constructor', 'hasOwnProperty']);
    expect('x' in {}).toBe(false);
  });
});

describe('refusing what is not data', () => {
  it.each([
    'return { a = f() }',
    'return { a = f"x" }',
    'return { a = ("x"):rep(1000000000) }',
    'return { a = "x" .. "y" }',
    'return { a = 1 + 1 }',
    'return { a = function() end }',
    'return (function() while true do end end)()',
    'return { a = not true }',
    'return { a = -true }',
    'return { a = - -1 }',
    'return { a = os.time }',
    'return { end = 1 }',
    'return { a == 1 }',
    'return { [{}] = 1 }',
    'return { 1 2 }',
    'return { , }',
    'return {} return {}',
    'return {} {}',
    'return "text"',
    'local x = {} return x',
    '{ a = 1 }',
    'return { 1.2.3 }',
    'return { 5LL }',
    'return { 0x }',
    'return { "\\300" }',
    'return { "\\u{D800}" }',
    'return { "\\xZZ" }',
    'return { "open',
    'return { "line\nbreak" }',
    'return { [[open }',
    'return { [=x',
    'return { --[[ open',
    'return {',
    'return { a',
    '\0\0\0\0',
  ])('refuses %j', (source) => {
    expect(refusal(source)[0]).toBe('corrupt');
  });

  it('names the line of the damage', () => {
    expect(refusal('-- path\nreturn {\n    ["a"] = 1,\n    ["b"] = os.exit(),\n}\n')).toEqual([
      'corrupt',
      'The KOReader file is damaged at line 4.',
    ]);
  });

  it('says that a file is empty, compiled or too large', () => {
    expect(refusal('')).toEqual(['empty', 'The KOReader file is empty.']);
    expect(refusal('\x1bLJ\x02')[0]).toBe('unsupported');
    expect(refusal(Buffer.alloc(64 * 1024 * 1024 + 1, 32))[0]).toBe('too_large');
  });

  it('takes 200 levels and refuses more, however many', () => {
    const nested = (levels: number): string => `return ${'{'.repeat(levels)}${'}'.repeat(levels)}`;
    expect(refusal(nested(200))[0]).toBe('accepted');
    expect(refusal(nested(201))).toEqual(['corrupt', 'The KOReader file nests tables more than 200 deep.']);
    expect(refusal(`return ${'{'.repeat(500_000)}`)[0]).toBe('corrupt');
  });

  it('refuses more than a million values', () => {
    expect(refusal(`return {${'1,'.repeat(1_000_001)}}`)[0]).toBe('too_large');
  });
});
