import { describe, expect, it } from 'vitest';
import { matchesPieces } from '../../../server/base/wildcard.ts';

const matches = (text: string, pattern: string) => matchesPieces(text, pattern.split('*'));

describe('a pattern with wildcards', () => {
  it.each([
    ['abc', 'abc', true],
    ['abcd', 'abc', false],
    ['abcd', 'abc*', true],
    ['abcd', '*bcd', true],
    ['abcd', 'a*d', true],
    ['abcd', 'a*c', false],
    ['aba', 'aba*aba', false],
    ['abaaba', 'aba*aba', true],
    ['abcabc', 'a*b*c', true],
    ['acb', 'a*b*c', false],
    ['ab', 'a*b*b', false],
    ['', '*', true],
    ['x', '**', true],
    ['', '', true],
  ])('%j fits %j: %s', (text, pattern, expected) => {
    expect(matches(text, pattern)).toBe(expected);
  });

  it('is answered at once for text made to take long', () => {
    const started = performance.now();
    expect(matches('a'.repeat(100_000), `${'a*'.repeat(300)}b`)).toBe(false);
    expect(performance.now() - started).toBeLessThan(100);
  });
});
