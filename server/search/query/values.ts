// Reads the values of a query: numbers, sizes, days and ages. What is none of them is undefined.
import { isDay, lastDayOf } from '../../base/days.ts';
import type { Age, Period } from './syntax.ts';

/** Reads "4", "-1" or "2.5". */
export function readNumber(text: string): number | undefined {
  return /^-?\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : undefined;
}

const UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, kb: 1e3, mb: 1e6, gb: 1e9 };

/** Reads a number of bytes: "500", "500kb", "1.5MB". */
export function readSize(text: string): number | undefined {
  const [, digits = '', unit = ''] = /^(.*?)([a-z]*)$/i.exec(text) ?? [];
  const factor = Object.hasOwn(UNITS, unit.toLowerCase()) ? UNITS[unit.toLowerCase()] : undefined;
  const count = readNumber(digits);
  return count === undefined || factor === undefined ? undefined : count * factor;
}

/** Reads YYYY, YYYY-MM or YYYY-MM-DD. */
export function readPeriod(text: string): Period | undefined {
  if (/^\d{4}$/.test(text) && text !== '0000') return { from: `${text}-01-01`, to: `${text}-12-31` };
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(text) && !text.startsWith('0000')) {
    return { from: `${text}-01`, to: lastDayOf(text) };
  }
  return isDay(text) && !text.startsWith('0000') ? { from: text, to: text } : undefined;
}

/** Reads "7d", "2w", "3m" or "1y". */
export function readAge(text: string): Age | undefined {
  const [, count, unit] = /^(\d{1,5})([dwmy])$/i.exec(text) ?? [];
  return count === undefined || unit === undefined
    ? undefined
    : { count: Number(count), unit: unit.toLowerCase() as Age['unit'] };
}
