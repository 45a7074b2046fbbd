import { describe, expect, it } from 'vitest';
import { differing } from '../../../server/catalogue/rows.ts';

const noon = () => new Date('2026-03-14T12:00:00Z');

describe('what of a change differs from a row', () => {
  const row = {
    title: 'Emma',
    rating: null,
    authors: ['Jane Austen'],
    origins: { title: 'person' },
    readAt: noon(),
  };

  it('is nothing when it says the same, in whatever objects', () => {
    const same = {
      title: 'Emma',
      rating: null,
      authors: ['Jane Austen'],
      origins: { title: 'person' },
      readAt: noon(),
    };
    expect(differing<Record<string, unknown>>(row, same)).toEqual({});
  });

  it('is every other value, null and the first value of an empty column too', () => {
    const change = {
      title: null,
      rating: 4,
      authors: ['Jane Austen', 'Seth Grahame-Smith'],
      readAt: new Date(0),
      origins: {},
    };
    expect(differing<Record<string, unknown>>(row, change)).toEqual(change);
  });

  it('leaves out what is not said', () => {
    expect(differing<Record<string, unknown>>(row, { title: undefined, rating: 3 })).toEqual({ rating: 3 });
  });
});
