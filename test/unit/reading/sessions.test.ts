import { describe, expect, it } from 'vitest';
import { findSessions } from '../../../server/reading/sessions.ts';

const reads = (...rows: [startSec: number, durationSec: number][]) =>
  rows.map(([startSec, durationSec], index) => ({ page: index + 1, startSec, durationSec }));

describe('sessions', () => {
  it('join pages read one after the other; their time is that of the pages, not of the clock', () => {
    expect(findSessions(reads([0, 60], [60, 30], [150, 10]))).toEqual([
      { startSec: 0, endSec: 160, durationSec: 100 },
    ]);
  });

  it('go on over a pause of five minutes and end with a second more', () => {
    expect(findSessions(reads([0, 60], [360, 10]))).toHaveLength(1);
    expect(findSessions(reads([0, 60], [361, 10]))).toEqual([
      { startSec: 0, endSec: 60, durationSec: 60 },
      { startSec: 361, endSec: 371, durationSec: 10 },
    ]);
  });

  it('measure the pause from the end of the page before, also when pages overlap', () => {
    // The second page ends before the first: KoShelf measures from it all the same.
    expect(findSessions(reads([0, 1000], [10, 5], [316, 5]))).toHaveLength(2);
    expect(findSessions(reads([0, 1000], [10, 5], [315, 5]))).toHaveLength(1);
  });

  it('end when the last of overlapping pages does, as those of two devices do', () => {
    expect(findSessions(reads([0, 1000], [10, 5], [315, 5]))).toEqual([
      { startSec: 0, endSec: 1000, durationSec: 1010 },
    ]);
  });

  it('leave out pages of no time', () => {
    expect(findSessions(reads([0, 60], [300, 0], [400, -5], [500, 10]))).toHaveLength(2);
    expect(findSessions(reads([0, 0]))).toEqual([]);
    expect(findSessions([])).toEqual([]);
  });
});
