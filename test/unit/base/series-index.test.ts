import { describe, expect, it } from 'vitest';
import { numberOfIndex, seriesIndex } from '../../../server/base/series-index.ts';

describe('the number of a book in its series', () => {
  it.each([
    ['2', '2', 2],
    ['2.0', '2', 2],
    ['02', '2', 2],
    ['0', '0', 0],
    ['10', '10', 10],
    ['2.50', '2.5', 2.5],
    ['1,5', '1.5', 1.5],
    ['-1', '-1', -1],
    ['−1', '-1', -1],
    ['½', '0.5', 0.5],
    ['1½', '1.5', 1.5],
    ['1-3', '1-3', 1],
    ['1–3', '1-3', 1],
    ['13 (A Story)', '13 (A Story)', 13],
    ['Vol. 3', '3', 3],
    ['#7', '7', 7],
    ['1AU', '1AU', 1],
    ['Special', 'Special', undefined],
  ])('written %j is %j and sorts as %j', (written, index, number) => {
    expect(seriesIndex(written)).toBe(index);
    expect(seriesIndex(index)).toBe(index);
    expect(numberOfIndex(index)).toBe(number);
  });
});
