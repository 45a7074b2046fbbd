import { describe, expect, it } from 'vitest';
import { linesWithin, runsLeft } from '../../../server/marks/pdf-lines.ts';

/** A letter is one wide, whatever it is. */
const lines = (text: string, width: number): string[] =>
  linesWithin(text, width, (part) => Array.from(part).length);

describe('a text within a width', () => {
  it.each<[string, string, number, string[]]>([
    ['at blanks, which end with the line', 'one two  three', 8, ['one two', 'three']],
    ['behind a hyphen and a slash', 'well-known and/or', 6, ['well-', 'known', 'and/or']],
    ['nowhere before what closes or behind what opens', 'aaa (bb), cc', 6, ['aaa', '(bb),', 'cc']],
    ['between Chinese words, not before their marks', '看官：你道', 3, ['看官：', '你道']],
    ['between Thai words, though there are no blanks', 'กรุงเทพเป็นเมือง', 8, ['กรุงเทพ', 'เป็น', 'เมือง']],
    ['at the blanks of Korean', '이것은 한국어', 5, ['이것은', '한국어']],
    ['inside a word that is longer than a line', 'abcdefg hi', 3, ['abc', 'def', 'g', 'hi']],
    ['not inside a letter made of several', '👩‍👩‍👧👩‍👩‍👧', 5, ['👩‍👩‍👧', '👩‍👩‍👧']],
    ['into one line of nothing', '', 5, ['']],
  ])('is broken %s', (_how, text, width, expected) => {
    expect(lines(text, width)).toEqual(expected);
  });

  it('loses no letter', () => {
    const text = 'Она сказала: «да»! 你好，world (مرحبا بالعالم) ภาษาไทย. ';
    for (let width = 1; width < 40; width += 1)
      expect(lines(text, width).join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
  });
});

describe('the side a text begins at', () => {
  it('is that of its first letter', () => {
    expect(['مرحبا', '(1) שלום abc', '«اقرأ» x'].map(runsLeft)).toEqual([true, true, true]);
    expect(['abc مرحبا', '漢字', '123', ''].map(runsLeft)).toEqual([false, false, false, false]);
  });
});
