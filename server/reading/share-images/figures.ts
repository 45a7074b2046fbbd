// Turns the numbers of a reading year into the words a share image shows. Pure.

export type YearRecap = {
  year: number;
  completions: number;
  readSec: number;
  activeDays: number;
  daysInYear: 365 | 366;
  longestStreakDays: number;
  /** 1–12, the month with the most reading; undefined when nothing was read. */
  bestMonth: number | undefined;
};

/** What a share image shows, as it shows it. */
export type Figures = {
  year: string;
  completions: { value: string; label: string };
  activeDays: { value: string; label: string };
  /** Part of the year with reading: 58 is 58 %. */
  activePercent: number;
  readTime: string;
  longestStreak: { value: string; label: string };
  bestMonth: string;
};

/** Returns the seven values in words: reading time in whole hours, days of 24 hours; "-" for no best month. */
export function figuresOf(recap: YearRecap): Figures {
  const completions = whole(recap.completions);
  const activeDays = whole(recap.activeDays);
  const streak = whole(recap.longestStreakDays);
  return {
    year: String(recap.year),
    completions: {
      value: grouped(completions),
      label: completions === 1 ? 'book finished' : 'books finished',
    },
    activeDays: {
      value: grouped(activeDays),
      label: activeDays === 1 ? 'day with a book' : 'days with a book',
    },
    activePercent: Math.min(100, Math.round((100 * activeDays) / recap.daysInYear)),
    readTime: readTime(recap.readSec),
    longestStreak: { value: grouped(streak), label: streak === 1 ? 'day' : 'days' },
    bestMonth: MONTHS[(recap.bestMonth ?? 0) - 1] ?? '-',
  };
}

/** Returns one line that is the same for two recaps exactly when their images show the same seven values. */
export function fingerprintOf(recap: YearRecap): string {
  const { year, completions, activeDays, activePercent, longestStreak, bestMonth, readTime } =
    figuresOf(recap);
  return [
    year,
    completions.value,
    readTime,
    activeDays.value,
    activePercent,
    longestStreak.value,
    bestMonth,
  ].join(':');
}

const MONTHS = [
  'January', 'February', 'March', 'April', 'May', 'June',
  'July', 'August', 'September', 'October', 'November', 'December',
]; // prettier-ignore

/** koshelf.md "Share images": "Xd Yh", or "Yh" when under a day. */
function readTime(readSec: number): string {
  const hours = Math.floor(whole(readSec) / 3600);
  const days = Math.floor(hours / 24);
  return days === 0 ? `${hours}h` : `${days}d ${hours % 24}h`;
}

const whole = (value: number): number => (Number.isFinite(value) ? Math.max(0, Math.trunc(value)) : 0);

const grouped = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',');
