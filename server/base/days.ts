// Arithmetic of calendar days written YYYY-MM-DD, 0000-01-01 to 9999-12-31: weeks begin on Monday, no zones, no times.

const DAY_MS = 86_400_000;
const numberOf = (day: string) => Math.round(Date.parse(`${day}T00:00:00Z`) / DAY_MS);
const FIRST = numberOf('0000-01-01');
const LAST = numberOf('9999-12-31');
const dayOf = (number: number) =>
  new Date(Math.min(Math.max(number, FIRST), LAST) * DAY_MS).toISOString().slice(0, 10);

/** Returns the day `count` days later, earlier when it is negative; never past the first and the last day there is. */
export const addDays = (day: string, count: number): string => dayOf(numberOf(day) + count);

/** Returns how many days `to` is after `from`. */
export const daysBetween = (from: string, to: string): number => numberOf(to) - numberOf(from);

/** Whether the text is a day of the calendar. */
export const isDay = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(numberOf(text)) && dayOf(numberOf(text)) === text;

/** Returns the Monday of the day's week. */
export const mondayOf = (day: string): string => addDays(day, -(((numberOf(day) + 3) % 7) + 7) % 7);

/** Returns the last day of a month YYYY-MM. */
export const lastDayOf = (month: string): string => {
  if (month.endsWith('-12')) return `${month}-31`;
  return addDays(`${month.slice(0, 5)}${String(Number(month.slice(5)) + 1).padStart(2, '0')}-01`, -1);
};

export type Grouping = 'total' | 'day' | 'week' | 'month' | 'year';

/** Returns the key of the period a day lies in: the day, its Monday (or the first day there is), its month, its year. */
export function periodOf(day: string, grouping: Exclude<Grouping, 'total'>): string {
  switch (grouping) {
    case 'day':
      return day;
    case 'week':
      return mondayOf(day);
    case 'month':
      return day.slice(0, 7);
    case 'year':
      return day.slice(0, 4);
  }
}

/** Returns the first and the last day of a period. */
export function boundsOf(key: string, grouping: Exclude<Grouping, 'total'>): { from: string; to: string } {
  switch (grouping) {
    case 'day':
      return { from: key, to: key };
    case 'week':
      return { from: key, to: addDays(key, 6) };
    case 'month':
      return { from: `${key}-01`, to: lastDayOf(key) };
    case 'year':
      return { from: `${key}-01-01`, to: `${key}-12-31` };
  }
}

/** Returns the keys of all periods that touch the range, in order. */
export function periodsIn(from: string, to: string, grouping: Exclude<Grouping, 'total'>): string[] {
  const last = periodOf(to, grouping);
  let key = periodOf(from, grouping);
  const keys = [key];
  while (key < last) {
    key = periodOf(addDays(boundsOf(key, grouping).to, 1), grouping);
    keys.push(key);
  }
  return keys;
}
