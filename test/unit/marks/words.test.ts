import { describe, expect, it } from 'vitest';
import { fold } from '../../../server/library/fold.ts';
import { holdsWords, missingWords, wordsOf } from '../../../server/marks/words.ts';

describe('the words of a search', () => {
  it('are folded, each once, in the order they were typed', () => {
    expect(wordsOf('  Émile  ZOLA émile\tÉté ')).toEqual(['emile', 'zola', 'ete']);
  });

  it('are none when nothing but blanks and loose accents was typed', () => {
    expect(wordsOf(' \u0301 \n')).toEqual([]);
  });
});

describe('looking for words in a text', () => {
  it.each([
    ['emile', 'Chez Émile', true],
    ['emile', 'Chez E\u0301mile', true],
    ['emi', 'Chez Émile', true],
    ['file', 'The ﬁle', true],
    ['istanbul', 'İstanbul', true],
    ['3', 'x³', true],
    ['emile', 'Emi le', false],
    ['c++', 'In C++ and C', true],
    ['a.c', 'abc', false],
    ['[a-z]', 'b', false],
    ['한국', '한국어', true],
    ['одесса', 'в Одессе', false],
    ['одесс', 'в Одессе', true],
  ])('finds %s in "%s": %s', (word, text, isThere) => {
    const [folded = ''] = wordsOf(word);
    expect(holdsWords(folded, text)).toBe(isThere);
    expect(fold(text).includes(folded)).toBe(isThere);
  });

  it('wants every word, in any order, and says which are missing', () => {
    expect(holdsWords('zola emile', 'Émile Zola')).toBe(true);
    expect(missingWords('zola hugo emile balzac', 'Émile Zola')).toBe('hugo balzac');
  });

  it('remembers no search for ever: the hundred and first gives what the first gave', () => {
    for (let n = 0; n < 101; n++) expect(holdsWords(`word${n}`, `Wörd${n}`)).toBe(true);
    expect(holdsWords('word0', 'nothing')).toBe(false);
  });
});
