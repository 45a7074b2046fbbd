// KoShelf's words in: days of a query as moments.

const DAY_SEC = 86_400;
/** Zones lie up to 14 hours beside UTC, and a reading day begins up to a day late. */
const MOST_OFF_SEC = 2 * DAY_SEC;

/** Returns the moment a reading day begins; `dayOf` says which one a moment in Unix seconds belongs to. */
export const firstMomentOf = (day: string, dayOf: (sec: number) => string): Date =>
  firstMoment(day, (sec) => dayOf(sec) >= day);

/** Returns the moment the reading day after this one begins. */
export const firstMomentAfter = (day: string, dayOf: (sec: number) => string): Date =>
  firstMoment(day, (sec) => dayOf(sec) > day);

/** The first second around the day from which on the condition holds: halves what is left until it is found. */
function firstMoment(day: string, holds: (sec: number) => boolean): Date {
  const midnightSec = Date.parse(`${day}T00:00:00Z`) / 1000;
  let before = midnightSec - MOST_OFF_SEC;
  let from = midnightSec + DAY_SEC + MOST_OFF_SEC;
  while (from - before > 1) {
    const middle = Math.floor((before + from) / 2);
    if (holds(middle)) from = middle;
    else before = middle;
  }
  return new Date(from * 1000);
}
