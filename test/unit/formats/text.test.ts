import { describe, expect, it } from 'vitest';
import { cleanList, cleanText, cutText } from '../../../server/formats/text.ts';

describe('cleanText', () => {
  it('puts a text on one line and trims it', () => {
    expect(cleanText('  The\n\tLittle \u2028 Prince\u00a0 ', 100)).toBe('The Little Prince');
  });

  it('removes control characters, bidi overrides and byte order marks', () => {
    expect(cleanText('\ufeffa\u0000b\u202egpj.exe\u202c\u2066c\u2069\u0085d\u009fe', 100)).toBe(
      'abgpj.exec de',
    );
  });

  it('keeps the joiners and direction marks scripts are written with', () => {
    expect(cleanText('می\u200cخواهم \u200f👨\u200d👩', 100)).toBe('می\u200cخواهم \u200f👨\u200d👩');
  });

  it('gives nothing for a text in which nothing can be seen', () => {
    expect(cleanText(' \u200b\u200d\ufeff\n', 100)).toBeUndefined();
    expect(cleanText('', 100)).toBeUndefined();
    expect(cleanText(undefined, 100)).toBeUndefined();
  });

  it('cuts on a code point border and leaves no space at the end', () => {
    expect(cleanText('ab 😀', 4)).toBe('ab');
    expect(cleanText('ab 😀', 5)).toBe('ab 😀');
    expect(cutText('x😀', 2)).toBe('x');
  });

  it('replaces half a surrogate pair', () => {
    expect(cleanText('a\ud800b', 100)).toBe('a\ufffdb');
  });
});

describe('cleanList', () => {
  it('leaves out blanks and repetitions and keeps the order', () => {
    expect(cleanList(['b', ' a ', '', 'b ', 'a', 'c'], 100, 10)).toEqual(['b', 'a', 'c']);
  });

  it('stops at the largest count', () => {
    expect(cleanList(['a', 'a', 'b', 'c'], 100, 2)).toEqual(['a', 'b']);
  });
});
