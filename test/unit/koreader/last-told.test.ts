// Files of a second place that arrive late, against a word that is known already. Pure.
import { describe, expect, it } from 'vitest';
import { findReadingNews } from '../../../server/koreader/reading-news.ts';
import { settledOf } from '../../../server/koreader/settled-mark.ts';
import { fingerprint } from '../../../server/marks/persons-word.ts';

const at = (moment: string) => Date.parse(moment);

describe('a mark in a file of another place', () => {
  const known = {
    sidecarId: 'phone', koreaderKey: 'k', text: 'A line', note: 'Mine', color: 'red', drawer: 'lighten',
    deviceDatetime: '2026-03-01 10:00:00', deviceDatetimeUpdated: '2026-03-10 10:00:00', createdAt: null, version: 1,
    deviceSays: { note: { is: 'First', was: [], at: at('2026-03-14T12:00:00Z') } },
  }; // prettier-ignore
  const inFile = { index: 0, kind: 'highlight' as const, key: 'k', text: 'A line', note: 'Second', color: 'red', drawer: 'lighten', datetime: '2026-03-01 10:00:00' }; // prettier-ignore
  const wrote = { modifiedMs: at('2026-03-20T00:00:00Z'), zone: 'UTC' };

  it('is as old as its last date there, however new the file is', () => {
    expect(settledOf(inFile, known, { ...wrote, sidecarId: 'tablet' }).words.note).toBe('Mine');
  });

  it('is later where the file dates it later, or is the one known', () => {
    const later = { ...inFile, datetimeUpdated: '2026-03-15 10:00:00' };
    expect(settledOf(later, known, { ...wrote, sidecarId: 'tablet' }).words.note).toBe('Second');
    expect(settledOf(inFile, known, { ...wrote, sidecarId: 'phone' }).words.note).toBe('Second');
  });
});

describe('a review in a file of another place', () => {
  it('that was spoken over once takes no later word of a device away', () => {
    const content = (note?: string) => ({ keys: [], summary: note === undefined ? {} : { note } });
    const book = { reviewNote: 'Of the phone', rating: null, status: 'in_progress', origins: { reviewNote: 'sidecar' }, addedAt: new Date(0), progress: null, currentLocator: null, lastReadAt: null }; // prettier-ignore
    const source = {
      says: content(),
      before: { ...content('Of the tablet'), spokenOver: { note: [fingerprint(null)] } },
      isBeforeOwn: true,
      isNewest: false,
      wroteMs: at('2026-03-20T00:00:00Z'),
      isOurs: false,
    };
    const news = findReadingNews(book as never, { reviewNote: [at('2026-03-14T00:00:00Z'), 1] } as never, source as never, { nowMs: at('2026-03-21T00:00:00Z'), zone: 'UTC' }); // prettier-ignore
    expect(news.change).not.toHaveProperty('reviewNote');
    const other = { ...source, before: content('Of the tablet') };
    const unspoken = findReadingNews(book as never, { reviewNote: [at('2026-03-14T00:00:00Z'), 1] } as never, other as never, { nowMs: at('2026-03-21T00:00:00Z'), zone: 'UTC' }); // prettier-ignore
    expect(unspoken.change).toHaveProperty('reviewNote', null);
  });
});
