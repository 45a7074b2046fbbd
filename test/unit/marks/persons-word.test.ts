import { describe, expect, it } from 'vitest';
import {
  fingerprint,
  saidOf,
  settleWords,
  speakOver,
  unsaidWords,
} from '../../../server/marks/persons-word.ts';
import type { DeviceSays, SpokenOver } from '../../../server/catalogue/schema/marks.ts';

const mark = (note: string | null, color: string | null, deviceSays: DeviceSays | null = null) => ({
  note,
  color,
  drawer: 'lighten',
  deviceSays,
});
const file = (note: string | null, color: string | null, drawer: string | null = 'lighten') => ({
  note,
  color,
  drawer,
});
/** When the person spoke. */
const SPOKE = Date.UTC(2026, 2, 14, 12);
const EARLIER = SPOKE - 3_600_000;
const LATER = SPOKE + 3_600_000;
const over = (is: string | null, ...was: (string | null)[]): SpokenOver => ({
  is,
  was: was.map(fingerprint),
  at: SPOKE,
});
/** A file written later than the person spoke, with nothing that dates a change of the mark. */
const wrote = { wroteMs: LATER };

describe('what a person says of a device’s mark', () => {
  it('stands over what the device says, field by field', () => {
    expect(speakOver(mark('Old', 'red'), { note: 'New' }, SPOKE)).toEqual({
      note: 'New',
      deviceSays: { note: over('Old') },
    });
    const earlier = { ...over('Old', 'Older'), at: 1 };
    expect(
      speakOver(
        mark('New', 'red', { note: earlier }),
        { note: 'Newer', color: '#123456', drawer: 'invert' },
        SPOKE,
      ),
    ).toEqual({
      note: 'Newer',
      color: '#123456',
      drawer: 'invert',
      deviceSays: { note: over('Old', 'Older'), color: over('red'), drawer: over('lighten') },
    });
  });

  it('is over nothing when it is what the device says anyway', () => {
    expect(speakOver(mark('New', 'red', { note: over('Old') }), { note: 'Old' }, SPOKE)).toEqual({
      note: 'Old',
      deviceSays: null,
    });
    expect(speakOver(mark(null, 'red'), { note: ' ' }, SPOKE)).toEqual({ note: null, deviceSays: null });
  });

  it('is no word when it is what they said before', () => {
    const spoken = mark('Mine', 'red', { note: { ...over('Old'), at: 1 } });
    expect(speakOver(spoken, { note: 'Mine' }, SPOKE)).toEqual({
      note: 'Mine',
      deviceSays: spoken.deviceSays,
    });
  });

  it('takes blanks for no note', () => {
    expect(saidOf({ note: '\n ' })).toEqual({ note: null });
    expect(saidOf({ color: '#000000' })).toEqual({ color: '#000000' });
  });
});

describe('a mark whose file was read again', () => {
  it('says what the device says where the person said nothing', () => {
    expect(settleWords(mark('Old', 'red'), file('New', null), wrote)).toEqual(file('New', null));
  });

  it('keeps the person’s word while the device says what it said', () => {
    const spoken = mark('Mine', 'red', { note: over('Theirs') });
    expect(settleWords(spoken, file('Theirs', 'blue'), wrote)).toEqual(file('Mine', 'blue'));
  });

  it('says what the device says newly, and nothing is over it then', () => {
    const spoken = mark('Mine', '#E91E63', { note: over('Theirs'), color: over('yellow') });
    expect(settleWords(spoken, file('Changed', 'yellow'), wrote)).toEqual({
      ...file('Changed', '#E91E63'),
      deviceSays: { color: over('yellow') },
    });
  });

  it('keeps the exact colour when the file has the nearest one KOReader has, and what was there before', () => {
    const spoken = mark('Mine', '#E91E63', { note: over(null), color: over('yellow') });
    expect(settleWords(spoken, file('Mine', 'red'), wrote)).toEqual({
      ...file('Mine', '#E91E63'),
      deviceSays: { note: over('Mine', null), color: over('red', 'yellow') },
    });
  });

  it('keeps the person’s word when any value comes back that was in the file before', () => {
    const said = mark('Third', 'red', { note: over('Third', null, 'First', 'Second') });
    for (const back of [null, 'First', 'Second']) {
      expect(settleWords(said, file(back, 'red'), wrote)).toMatchObject({
        note: 'Third',
        deviceSays: { note: { is: back, at: SPOKE } },
      });
    }
  });

  it('says what comes back when the device dates that change later, and nothing else explains the date', () => {
    const said = mark('Mine', 'red', { note: over('Mine', 'Theirs') });
    const dated = { ...wrote, changedMs: SPOKE + 60_000 };
    expect(settleWords(said, file('Theirs', 'red'), dated)).toMatchObject({
      note: 'Theirs',
      deviceSays: null,
    });
    expect(settleWords(said, file('Theirs', 'blue'), dated)).toMatchObject({ note: 'Mine', color: 'blue' });
    expect(settleWords(said, file('Theirs', 'red'), { ...dated, hasOtherChange: true }).note).toBe('Mine');
    expect(settleWords(said, file('Theirs', 'red'), { ...wrote, changedMs: EARLIER }).note).toBe('Mine');
  });

  it('keeps the person’s word over a new one the device said before them', () => {
    const said = mark('Mine', 'red', { note: over('Theirs') });
    for (const spoke of [{ wroteMs: EARLIER }, { ...wrote, changedMs: EARLIER }]) {
      expect(settleWords(said, file('Late', 'red'), spoke)).toEqual({
        ...file('Mine', 'red'),
        deviceSays: { note: over('Late', 'Theirs') },
      });
    }
    expect(settleWords(said, file('Late', 'red'), { wroteMs: LATER, changedMs: SPOKE }).note).toBe('Late');
  });

  it('keeps the person’s colour when a newer KOReader fills in what an old one had no word for', () => {
    const said = mark('Mine', '#E91E63', { color: over(null) });
    expect(settleWords(said, file('Mine', 'yellow'), wrote).color).toBe('#E91E63');
    expect(settleWords(said, file('Mine', 'yellow'), { ...wrote, changedMs: LATER }).color).toBe('yellow');
  });
});

describe('what a file does not say yet', () => {
  it('is what the person said otherwise, colours by KOReader’s names', () => {
    const says = { note: over('N'), color: over('red'), drawer: over('invert') };
    expect(unsaidWords(mark(null, '#2196F3', says), { withLook: true })).toEqual({
      note: null,
      color: 'blue',
      drawer: 'lighten',
    });
  });

  it('is nothing when the nearest colour is there, or colours do not count', () => {
    expect(
      unsaidWords(mark('N', '#2196F3', { color: over('blue', 'red') }), { withLook: true }),
    ).toBeUndefined();
    expect(unsaidWords(mark('N', '#2196F3', { color: over(null) }), { withLook: false })).toBeUndefined();
    expect(unsaidWords(mark('N', 'red'), { withLook: true })).toBeUndefined();
  });

  it('is not taken back by a date that told of another field before', () => {
    const known = mark('Mine', 'red', { note: over(null, 'Theirs') });
    const dated = { wroteMs: LATER, changedMs: LATER };
    const { deviceSays = null, ...heard } = settleWords(known, file(null, 'blue'), dated);
    expect(heard).toEqual({ note: 'Mine', color: 'blue', drawer: 'lighten' });
    // Another copy of the same file, with the same date.
    const again = settleWords({ ...heard, deviceSays }, file(null, 'blue'), dated);
    expect(again.note).toBe('Mine');
    const anew = { wroteMs: LATER + 60_000, changedMs: LATER + 60_000 };
    expect(settleWords({ ...heard, deviceSays }, file(null, 'blue'), anew).note).toBe(null);
  });
});
