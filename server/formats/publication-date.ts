// Turns the dates books state in many spellings into YYYY, YYYY-MM or YYYY-MM-DD.
import { fold } from '../base/fold.ts';

/**
 * The date a text states, as exact as it is valid: ISO 8601, 31.12.2015, 12/31/2015, 31 December 2015, "March 2012", in
 * the languages whose months are known here; of 3/4/2015 the year alone, else the first year the text mentions. Undefined
 * for years before 1000, which stand for "not known" (calibre writes the year 101).
 */
export const publicationDate = (raw: string | undefined): string | undefined => {
  if (raw === undefined) return undefined;
  const text = raw.trim().slice(0, 100);
  return (
    midnightAbroad(text) ??
    numericDate(text) ??
    namedDate(text) ??
    dateOf(Number(anyYear.exec(text)?.[1]), 0, 0)
  );
};

const anyYear = /(?<!\d)(1\d{3}|20\d{2})(?!\d)/;

/**
 * Calibre writes the midnight its person chose in UTC: after noon it is the next day's, east of Greenwich; before it is
 * the day's own. A moment that is no full, half or three quarter hour is nobody's midnight, but for the mean times of
 * towns that were kept until the 1930s. Noon itself is written where no zone is meant.
 */
const midnightAbroad = (text: string): string | undefined => {
  const [, day = '', hour, minute = '', second = ''] =
    /^(\d{4}-\d\d-\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.0+)?)?\s*(?:Z|[+-]00:?00)$/i.exec(text) ?? [];
  const isFull = /^(?:00|30|45)$/.test(minute) && /^(?:00)?$/.test(second);
  if (Number(hour) < 12 || (hour === '12' && minute === '00')) return undefined;
  if (!isFull && !(Number(day.slice(0, 4)) < 1940)) return undefined;
  if (numericDate(day) !== day) return undefined;
  return numericDate(new Date(`${day}T24:00:00Z`).toISOString().slice(0, 10));
};

const numericDate = (text: string): string | undefined => {
  const iso = /^(\d{4})(?:([-/.])(\d{1,2})(?:\2(\d{1,2}))?)?(?!\d)/.exec(text);
  if (iso) return dateOf(Number(iso[1]), Number(iso[3] ?? 0), Number(iso[4] ?? 0));
  const packed = /^(\d{4})(\d\d)(\d\d)(?!\d)/.exec(text);
  if (packed) return dateOf(Number(packed[1]), Number(packed[2]), Number(packed[3]));
  const monthOnly = /^(\d{1,2})[-/.](\d{4})(?!\d)/.exec(text);
  if (monthOnly) return dateOf(Number(monthOnly[2]), Number(monthOnly[1]), 0);
  const [, first, mark, second, year] = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?!\d)/.exec(text) ?? [];
  if (year === undefined) return undefined;
  const [a, b] = [Number(first), Number(second)];
  // Only Americans put the month first, and only with strokes; which of the two a small number is cannot be told.
  if (mark === '.' || a > 12 || a === b) return dateOf(Number(year), b, a);
  return b > 12 ? dateOf(Number(year), a, b) : dateOf(Number(year), 0, 0);
};

/** "31 December 2012", "December 31st, 2012", "Dec. 2012", "1er mars 2012", "5 de mayo de 2012". */
const namedDate = (text: string): string | undefined => {
  for (const [, before, word = '', after, year] of fold(text).matchAll(dayMonthYear)) {
    const month = monthsByName().get(word);
    if (month !== undefined) return dateOf(Number(year), month, Number(before ?? after ?? 0));
  }
  return undefined;
};

const dayMonthYear =
  /(?:(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|\.)?\s+(?:de |of )?)?(\p{L}{3,})\.?,?\s+(?:(\d{1,2})(?:st|nd|rd|th)?,?\s+)?(?:de |of )?(1\d{3}|20\d{2})(?!\d)/gu;

const languages = ['en', 'de', 'fr', 'es', 'it', 'pt', 'nl', 'pl', 'cs', 'sv', 'da', 'ru', 'uk', 'tr'];
let named: Map<string, number> | undefined;
/** Months by their folded names, long and short, as they stand alone and in a date. */
const monthsByName = (): Map<string, number> =>
  (named ??= new Map(
    languages.flatMap((language) =>
      [{ month: 'long' }, { month: 'short' }, { month: 'long', day: 'numeric' }].flatMap((shape) => {
        const format = new Intl.DateTimeFormat(language, {
          ...(shape as Intl.DateTimeFormatOptions),
          timeZone: 'UTC',
        });
        return Array.from({ length: 12 }, (_, index): [string, number] => {
          const parts = format.formatToParts(new Date(Date.UTC(2015, index, 15)));
          return [
            fold(parts.find(({ type }) => type === 'month')?.value ?? '').replace(/\.$/, ''),
            index + 1,
          ];
        });
      }),
    ),
  ));

/** The date of its parts, cut before the first part that no calendar has; undefined when the year is one of those. */
export const dateOf = (year: number, month: number, day: number): string | undefined => {
  if (!Number.isInteger(year) || year < 1000 || year > 9999) return undefined;
  if (!Number.isInteger(month) || month < 1 || month > 12) return `${year}`;
  const yearMonth = `${year}-${String(month).padStart(2, '0')}`;
  const lastDay = new Date(Date.UTC(year, month, 0)).getUTCDate();
  if (!Number.isInteger(day) || day < 1 || day > lastDay) return yearMonth;
  return `${yearMonth}-${String(day).padStart(2, '0')}`;
};
