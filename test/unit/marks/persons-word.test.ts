import { describe, expect, it } from 'vitest';
import { saidOf, settleWords, speakOver, unsaidWords } from '../../../server/marks/persons-word.ts';

const mark = (note: string | null, color: string | null, deviceSays: object | null = null) => ({
  note,
  color,
  deviceSays,
});

describe('what a person says of a device’s mark', () => {
  it('stands over what the device says, field by field', () => {
    expect(speakOver(mark('Old', 'red'), { note: 'New' })).toEqual({
      note: 'New',
      deviceSays: { note: 'Old' },
    });
    expect(speakOver(mark('New', 'red', { note: 'Old' }), { note: 'Newer', color: '#123456' })).toEqual({
      note: 'Newer',
      color: '#123456',
      deviceSays: { note: 'Old', color: 'red' },
    });
  });

  it('is over nothing when it is what the device says anyway', () => {
    expect(speakOver(mark('New', 'red', { note: 'Old' }), { note: 'Old' })).toEqual({
      note: 'Old',
      deviceSays: null,
    });
    expect(speakOver(mark(null, 'red'), { note: ' ' })).toEqual({ note: null, deviceSays: null });
  });

  it('takes blanks for no note', () => {
    expect(saidOf({ note: '\n ' })).toEqual({ note: null });
    expect(saidOf({ color: '#000000' })).toEqual({ color: '#000000' });
  });
});

describe('a mark whose file was read again', () => {
  it('says what the device says where the person said nothing', () => {
    expect(settleWords(mark('Old', 'red'), { note: 'New', color: null })).toEqual({
      note: 'New',
      color: null,
    });
  });

  it('keeps the person’s word while the device says what it said', () => {
    const spoken = mark('Mine', 'red', { note: 'Theirs' });
    expect(settleWords(spoken, { note: 'Theirs', color: 'blue' })).toEqual({ note: 'Mine', color: 'blue' });
  });

  it('says what the device says newly, and nothing is over it then', () => {
    const spoken = mark('Mine', '#E91E63', { note: 'Theirs', color: 'yellow' });
    expect(settleWords(spoken, { note: 'Changed', color: 'yellow' })).toEqual({
      note: 'Changed',
      color: '#E91E63',
      deviceSays: { color: 'yellow' },
    });
  });

  it('keeps the exact colour when the file has the nearest one KOReader has', () => {
    const spoken = mark('Mine', '#E91E63', { note: null, color: 'yellow' });
    expect(settleWords(spoken, { note: 'Mine', color: 'red' })).toEqual({
      note: 'Mine',
      color: '#E91E63',
      deviceSays: { color: 'red' },
    });
  });
});

describe('what a file does not say yet', () => {
  it('is what the person said otherwise, colours by KOReader’s names', () => {
    expect(unsaidWords(mark(null, '#2196F3', { note: 'N', color: 'red' }), { withColor: true })).toEqual({
      change: { note: null, color: 'blue' },
      over: { note: 'N', color: 'red' },
    });
  });

  it('is nothing when the nearest colour is there, or colours do not count', () => {
    expect(unsaidWords(mark('N', '#2196F3', { color: 'blue' }), { withColor: true })).toBeUndefined();
    expect(unsaidWords(mark('N', '#2196F3', { color: null }), { withColor: false })).toBeUndefined();
    expect(unsaidWords(mark('N', 'red'), { withColor: true })).toBeUndefined();
  });
});
