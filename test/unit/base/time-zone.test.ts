import { describe, expect, it } from 'vitest';
import {
  dayBounds,
  instantOf,
  inZone,
  minutesOf,
  readingDays,
  timeBefore,
  withOffset,
} from '../../../server/base/time-zone.ts';

const HOUR = 3600;

/** The same rule by the platform's own calendar. */
function intlDay(zone: string, dayStartMinutes: number): (sec: number) => string {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }); // prettier-ignore
  return (sec) => format.format((sec - dayStartMinutes * 60) * 1000);
}

const secOf = (moment: string): number => Date.parse(moment) / 1000;

describe('the reading day of a moment', () => {
  const zones = [
    'UTC', 'Europe/Berlin', 'America/New_York', 'America/St_Johns', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Pacific/Apia', 'America/Sao_Paulo', 'Africa/Casablanca',
  ]; // prettier-ignore

  it.each(zones)('is the local date in %s, over every change of the clocks of 2024 and 2025', (zone) => {
    for (const dayStart of [0, 4 * 60 + 30]) {
      const [ours, theirs] = [readingDays(zone, dayStart), intlDay(zone, dayStart)];
      const wrong: string[] = [];
      // 137 minutes is no divisor of a day: every time of day is met.
      for (let sec = secOf('2024-01-01'); sec < secOf('2025-12-31'); sec += 137 * 60) {
        if (ours(sec) !== theirs(sec)) wrong.push(`${sec}: ${ours(sec)} is ${theirs(sec)}`);
      }
      expect(wrong).toEqual([]);
    }
  });

  it.each(['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Pacific/Apia'])(
    'does not depend on the order moments are asked in (%s)',
    (zone) => {
      const moments = Array.from(
        { length: 400 },
        (_, n) => secOf('2011-06-01') + ((n * 7919) % 5000) * 9 * HOUR,
      );
      const [ours, theirs] = [readingDays(zone, 0), intlDay(zone, 0)];
      expect(moments.map(ours)).toEqual(moments.map(theirs));
    },
  );

  it('turns at the second of midnight and at the second the clocks change', () => {
    const berlin = readingDays('Europe/Berlin', 0);
    expect(berlin(secOf('2024-03-30T22:59:59Z'))).toBe('2024-03-30');
    expect(berlin(secOf('2024-03-30T23:00:00Z'))).toBe('2024-03-31');
    // Summer time begins at 01:00 UTC: the next midnight is an hour earlier.
    expect(berlin(secOf('2024-03-31T01:00:00Z'))).toBe('2024-03-31');
    expect(berlin(secOf('2024-03-31T21:59:59Z'))).toBe('2024-03-31');
    expect(berlin(secOf('2024-03-31T22:00:00Z'))).toBe('2024-04-01');
    // And ends at 01:00 UTC: the next is an hour later.
    expect(berlin(secOf('2024-10-27T22:59:59Z'))).toBe('2024-10-27');
    expect(berlin(secOf('2024-10-27T23:00:00Z'))).toBe('2024-10-28');
  });

  it('is right before a change of the clocks that was asked about first', () => {
    const berlin = readingDays('Europe/Berlin', 0);
    expect(berlin(secOf('2024-03-31T01:00:00Z'))).toBe('2024-03-31');
    expect(berlin(secOf('2024-03-30T22:30:00Z'))).toBe('2024-03-30');
  });

  it('starts when the person says the day starts', () => {
    const night = readingDays('UTC', minutesOf('04:30'));
    expect(night(secOf('2024-05-02T04:29:59Z'))).toBe('2024-05-01');
    expect(night(secOf('2024-05-02T04:30:00Z'))).toBe('2024-05-02');
  });

  it('knows days before 1970', () => {
    expect(readingDays('UTC', 0)(-1)).toBe('1969-12-31');
  });

  it('leaves out the day a zone left out', () => {
    // Samoa went from 29 to 31 December 2011.
    const samoa = readingDays('Pacific/Apia', 0);
    const days = new Set(
      Array.from({ length: 96 }, (_, hour) => samoa(secOf('2011-12-29T00:00:00Z') + hour * HOUR)),
    );
    expect([...days]).toEqual(['2011-12-28', '2011-12-29', '2011-12-31', '2012-01-01', '2012-01-02']);
  });
});

describe("a device's wall time", () => {
  it.each([
    ['2024-03-15 14:30:00', 'UTC', '2024-03-15T14:30:00+00:00'],
    ['2024-03-15T14:30:00', 'Europe/Berlin', '2024-03-15T14:30:00+01:00'],
    ['2024-07-15 14:30', 'Europe/Berlin', '2024-07-15T14:30:00+02:00'],
    ['2024-07-15T14:30', 'America/St_Johns', '2024-07-15T14:30:00-02:30'],
    ['  2024-03-15 14:30:00 ', 'UTC', '2024-03-15T14:30:00+00:00'],
    // There twice: the earlier.
    ['2024-10-27 02:30:00', 'Europe/Berlin', '2024-10-27T02:30:00+02:00'],
    ['2024-11-03 01:30:00', 'America/New_York', '2024-11-03T01:30:00-04:00'],
    // Around the gap.
    ['2024-03-31 01:59:59', 'Europe/Berlin', '2024-03-31T01:59:59+01:00'],
    ['2024-03-31 03:00:00', 'Europe/Berlin', '2024-03-31T03:00:00+02:00'],
    // In it: the clock was not put forward.
    ['2024-03-31 02:30:00', 'Europe/Berlin', '2024-03-31T03:30:00+02:00'],
    ['2024-03-10 02:00', 'America/New_York', '2024-03-10T03:00:00-04:00'],
    ['2011-12-30 10:00:00', 'Pacific/Apia', '2011-12-31T10:00:00+14:00'],
  ])('%s in %s is %s', (written, zone, expected) => {
    expect(withOffset(written, zone)).toBe(expected);
    expect(instantOf(written, zone)?.getTime()).toBe(Date.parse(expected));
  });

  it.each([
    ['2024-02-30 10:00:00', 'UTC', 'is no day'],
    ['2024-13-01 10:00:00', 'UTC', 'is no month'],
    ['2024-01-01 24:00:00', 'UTC', 'is no hour'],
    ['2024-01-01', 'UTC', 'has no time'],
    ['15.03.2024 14:30', 'UTC', 'is in another order'],
    ['2024-03-15 14:30:00+01:00', 'UTC', 'has a zone of its own'],
    ['', 'UTC', 'is empty'],
  ])('%s in %s %s', (written, zone) => {
    expect(withOffset(written, zone)).toBeUndefined();
    expect(instantOf(written, zone)).toBeUndefined();
  });
});

describe('an instant', () => {
  it('is shown with the offset of its zone, in whole seconds', () => {
    expect(inZone(new Date(0), 'Europe/Berlin')).toBe('1970-01-01T01:00:00+01:00');
    expect(inZone(new Date('2024-03-15T14:30:00.999Z'), 'UTC')).toBe('2024-03-15T14:30:00+00:00');
  });
});

describe('a day of a zone', () => {
  it('begins when its first minute does, and is as long as the clocks make it', () => {
    const bounds = (day: string, zone: string) =>
      Object.values(dayBounds(day, zone)).map((moment) => moment.toISOString());
    expect(bounds('2024-05-31', 'UTC')).toEqual(['2024-05-31T00:00:00.000Z', '2024-06-01T00:00:00.000Z']);
    // The clocks go forward at midnight: the day has no 0:00.
    expect(bounds('2018-11-04', 'America/Sao_Paulo')).toEqual([
      '2018-11-04T03:00:00.000Z',
      '2018-11-05T02:00:00.000Z',
    ]);
    expect(bounds('2024-03-31', 'Europe/Berlin')).toEqual([
      '2024-03-30T23:00:00.000Z',
      '2024-03-31T22:00:00.000Z',
    ]);
  });
});

describe('a time before now', () => {
  it('is counted on the calendar of the zone', () => {
    const now = new Date('2026-03-31T23:30:00Z');
    expect(timeBefore(now, { months: 1 }, 'UTC').instant.toISOString()).toBe('2026-02-28T23:30:00.000Z');
    expect(timeBefore(now, { months: 1 }, 'Europe/Berlin').day).toBe('2026-03-01');
    expect(timeBefore(now, { days: 7 }, 'UTC').day).toBe('2026-03-24');
    // The clocks went forward in between.
    expect(
      timeBefore(new Date('2026-03-30T10:00:00Z'), { weeks: 1 }, 'Europe/Berlin').instant.toISOString(),
    ).toBe('2026-03-23T11:00:00.000Z');
  });
});
