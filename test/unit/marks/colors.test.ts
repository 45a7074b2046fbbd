import { describe, expect, it } from 'vitest';
import { colorNameOf, hexOf, isWanted, koreaderColorOf, wantedColors } from '../../../server/marks/colors.ts';

const YELLOW = '#FFEB3B';

describe('colours of marks', () => {
  it.each([
    ['yellow', '#FFFF33'],
    ['Gray', '#808080'],
    ['#a1b2c3', '#a1b2c3'],
    ['lagoon', YELLOW],
    ['#12', YELLOW],
    [null, YELLOW],
  ])('%s is shown as %s', (color, hex) => {
    expect(hexOf(color, YELLOW)).toBe(hex);
  });

  it.each([
    ['#FFEB3B', 'yellow'],
    ['#4caf50', 'green'],
    ['#2196F3', 'blue'],
    ['#9C27B0', 'purple'],
    ['#FF9800', 'orange'],
    ['#E91E63', 'red'],
    ['#00FFEE', 'cyan'],
    ['#777777', 'gray'],
    ['red', 'red'],
    ['lagoon', 'lagoon'],
  ])('%s is %s on the device', (color, name) => {
    expect(koreaderColorOf(color)).toBe(name);
  });

  it('have the name a person knows them by', () => {
    expect(['#ffeb3b', '#FFFF33', '#E91E63', '#88FF77', '#123456'].map(colorNameOf)).toEqual([
      'yellow',
      'yellow',
      'pink',
      'olive',
      '#123456',
    ]);
  });

  it('are found by name, by hex and, where marks have none, by the one they are shown in', () => {
    const found = (asked: string[]) =>
      ['yellow', '#FFEB3B', null, 'lagoon', 'RED', '#ff3300'].filter((color) =>
        isWanted(color, wantedColors(asked, YELLOW)),
      );
    expect(found(['Yellow'])).toEqual(['yellow', '#FFEB3B', null, 'lagoon']);
    expect(found(['#ffff33'])).toEqual(['yellow']);
    expect(found(['red'])).toEqual(['RED', '#ff3300']);
    expect(found(['lagoon', ''])).toEqual([]);
  });
});
