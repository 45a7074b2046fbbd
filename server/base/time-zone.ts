// Days and wall times of an IANA zone. The one owner of the time zone library.
import { Temporal } from 'temporal-polyfill';

/** The zone of this computer. */
export const systemTimeZone = (): string => Temporal.Now.timeZoneId();

/** Whether the name is a zone of the time zone database; an offset such as +01:00 is none. */
export function isTimeZone(name: string): boolean {
  if (!/^[a-z]/i.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** Minutes after midnight of "04:30". */
export function minutesOf(timeOfDay: string): number {
  const [hours = 0, minutes = 0] = timeOfDay.split(':').map(Number);
  return hours * 60 + minutes;
}

/**
 * Returns the function that says which reading day (YYYY-MM-DD) a moment in Unix seconds belongs to: the local date of
 * the zone after `dayStartMinutes` are taken from the moment itself (koshelf.md "Days").
 */
export function readingDays(zone: string, dayStartMinutes: number): (sec: number) => string {
  // Offsets change a few times a year: between two changes a day is one division.
  let from = Infinity;
  let until = -Infinity;
  let offsetSec = 0;
  const lookUp = (sec: number) => {
    const moment = Temporal.Instant.fromEpochMilliseconds(sec * 1000).toZonedDateTimeISO(zone);
    offsetSec = moment.offsetNanoseconds / 1e9;
    const next = moment.getTimeZoneTransition('next');
    // "previous" is strictly before: one nanosecond on, a moment that is itself a change is found too.
    const last = moment.add({ nanoseconds: 1 }).getTimeZoneTransition('previous');
    from = last === null ? -Infinity : last.epochMilliseconds / 1000;
    until = next === null ? Infinity : next.epochMilliseconds / 1000;
  };
  let dayNumber = Number.NaN;
  let day = '';
  return (sec) => {
    const shifted = sec - dayStartMinutes * 60;
    if (!(shifted >= from && shifted < until)) lookUp(shifted);
    const number = Math.floor((shifted + offsetSec) / 86_400);
    if (number !== dayNumber) {
      dayNumber = number;
      day = new Date(number * 86_400_000).toISOString().slice(0, 10);
    }
    return day;
  };
}

/** Returns the moment a reading day (YYYY-MM-DD) begins, as `readingDays` cuts them. */
export function startOfDay(day: string, zone: string, dayStartMinutes: number): Date {
  const midnight = Temporal.PlainDate.from(day).toZonedDateTime(zone).epochMilliseconds;
  return new Date(midnight + dayStartMinutes * 60_000);
}

const DEVICE_TIME = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2})(:\d{2})?$/;

/**
 * Returns a device's wall time ("2024-03-15 14:30:00") as RFC 3339 with the zone's offset. Of a time that is there twice
 * the earlier; of one in the hour that is left out, what a clock shows that was not put forward: 02:30 is 03:30. Undefined
 * for what is no time.
 */
export function withOffset(deviceTime: string, zone: string): string | undefined {
  const moment = zoned(deviceTime, zone);
  return moment?.toString({ timeZoneName: 'never', smallestUnit: 'second' });
}

/** Returns the instant of a device's wall time, as `withOffset` understands it. */
export function instantOf(deviceTime: string, zone: string): Date | undefined {
  const moment = zoned(deviceTime, zone);
  return moment === undefined ? undefined : new Date(moment.epochMilliseconds);
}

/** Returns an instant as RFC 3339 with the zone's offset, whole seconds. */
export const inZone = (instant: Date, zone: string): string =>
  Temporal.Instant.fromEpochMilliseconds(instant.getTime())
    .toZonedDateTimeISO(zone)
    .toString({ timeZoneName: 'never', smallestUnit: 'second' });

/** Returns when a day of the zone begins, and when the one after it does. */
export function dayBounds(day: string, zone: string): { from: Date; until: Date } {
  const begin = Temporal.PlainDate.from(day).toZonedDateTime(zone);
  const end = begin.add({ days: 1 }).startOfDay();
  return { from: new Date(begin.epochMilliseconds), until: new Date(end.epochMilliseconds) };
}

/** Returns the moment so many days, weeks, months or years earlier on the zone's calendar, and the day it falls on. */
export function timeBefore(
  now: Date,
  age: { days?: number; weeks?: number; months?: number; years?: number },
  zone: string,
): { instant: Date; day: string } {
  const then = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(zone).subtract(age);
  return { instant: new Date(then.epochMilliseconds), day: then.toPlainDate().toString() };
}

function zoned(deviceTime: string, zone: string): Temporal.ZonedDateTime | undefined {
  const [, date, time, seconds = ':00'] = DEVICE_TIME.exec(deviceTime.trim()) ?? [];
  if (date === undefined || time === undefined) return undefined;
  try {
    const plain = Temporal.PlainDateTime.from(`${date}T${time}${seconds}`, { overflow: 'reject' });
    return plain.toZonedDateTime(zone, { disambiguation: 'compatible' });
  } catch {
    return undefined;
  }
}
