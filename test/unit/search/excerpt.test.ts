import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fold } from '../../../server/base/fold.ts';
import { excerptOf } from '../../../server/search/excerpt.ts';

/** The excerpt with the found words in brackets. */
const shown = (text: string, words: string[], atWordStart = false): string | undefined => {
  const excerpt = excerptOf(text, words, { atWordStart });
  return excerpt?.marks.reduceRight((all, { start, end }) => `${all.slice(0, start)}[${all.slice(start, end)}]${all.slice(end)}`, excerpt.text); // prettier-ignore
};

describe('an excerpt', () => {
  it('marks every word as it was written', () => {
    expect(shown('Über das Fürchten, FÜRCHTE nicht', ['furcht', 'uber'])).toBe('[Über] das [Fürcht]en, [FÜRCHT]E nicht'); // prettier-ignore
    expect(shown('ﬁne ﬁnd', ['fin'])).toBe('[ﬁn]e [ﬁn]d');
    expect(shown('a🐉b', ['🐉'])).toBe('a[🐉]b');
  });

  it('joins marks that overlap', () => {
    expect(shown('abab', ['aba', 'bab'])).toBe('[abab]');
  });

  it('is not there when no word is', () => {
    expect(shown('nothing', ['x'])).toBeUndefined();
  });

  it('counts beginnings of words only when asked to, where words have blanks between them', () => {
    expect(shown('partly art', ['art'], true)).toBe('partly [art]');
    expect(shown('partly', ['art'], true)).toBeUndefined();
    expect(shown('東京タワー', ['タワ'], true)).toBe('東京[タワ]ー');
  });

  it('is cut between words around the first of them', () => {
    const text = `${'before '.repeat(100)}HERE ${'after '.repeat(100)}`;
    const cut = shown(text, ['here'])!;
    expect(cut).toMatch(/^…(before )+\[HERE\] (after )+after…$/);
    expect(cut.length).toBeLessThan(260);
  });

  it('always marks what folds to a word, in well-formed text, within its length', () => {
    const character = fc.constantFrom('a', 'É', 'e\u0301', '🐉', ' ', '\n', 'ﬁ', 'ẞ', 'İ', '東', '\ud800');
    fc.assert(
      fc.property(fc.array(character, { maxLength: 400 }), fc.array(character, { minLength: 1, maxLength: 3 }), (text, word) => {
        const wanted = fold(word.join('')).split(' ')[0]!;
        if (wanted === '') return;
        const excerpt = excerptOf(text.join(''), [wanted]);
        if (excerpt === undefined) return;
        expect(excerpt.text.isWellFormed()).toBe(true);
        expect(excerpt.text.length).toBeLessThan(300);
        let last = 0;
        for (const { start, end } of excerpt.marks) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(excerpt.text.length);
          last = end;
          expect(fold(excerpt.text.slice(start, end))).toContain(wanted);
        }
      }),
      { numRuns: 500 },
    ); // prettier-ignore
  });
});
