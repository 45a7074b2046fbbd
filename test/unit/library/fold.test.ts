import { describe, expect, it } from 'vitest';
import { fold, foldTitle } from '../../../server/library/fold.ts';

describe('folding', () => {
  it.each([
    ['Émile  Zola', 'emile zola'],
    ['  ÅNGSTRÖM\n\tunit ', 'angstrom unit'],
    ['ﬁn', 'fin'],
    ['Ｆｕｌｌ', 'full'],
    ['Й и й', 'и и и'],
    ['e\u0301', 'e'],
    ['Ⅳ', 'iv'],
    ['', ''],
  ])('makes %j %j', (text, folded) => {
    expect(fold(text)).toBe(folded);
  });
  it('gives the same for what it folded before', () => {
    const once = fold('Ἀχιλλεύς — ΟΔΥΣΣΕΎΣ İstanbul');
    expect(fold(once)).toBe(once);
  });
});

describe('the fold of a title', () => {
  it.each([
    ['The Hobbit, or: There and Back Again', 'the hobbit or there and back again!'],
    ['Catch-22', 'catch 22'],
    ['L’Étranger', "L'etranger"],
  ])('makes %j and %j the same', (a, b) => {
    expect(foldTitle(a)).toBe(foldTitle(b));
  });
  it('keeps letters of every script and digits apart', () => {
    expect(foldTitle('三体 2')).toBe('三体2');
    expect(foldTitle('Война и мир 1')).not.toBe(foldTitle('Война и мир 2'));
  });
});
