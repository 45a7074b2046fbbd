// Which days a person's reading is counted in: those of the zone they ask for, else of the one they prefer, else the server's.
import { invalid } from '../base/errors.ts';
import { addDays } from '../base/days.ts';
import { isTimeZone, minutesOf, readingDays, startOfDay } from '../base/time-zone.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { selectUser } from '../accounts/users.queries.ts';
import type { ReadingClock } from './rules.ts';

/** Days of one zone. */
export type Days = {
  zone: string;
  /** Names the day of a moment. */
  dayOf(moment: Date): string;
  /** When a day begins. */
  startOf(day: string): Date;
  /** When a day is over: the moment the next one begins. */
  endOf(day: string): Date;
};

export type Zones = ReturnType<typeof createZones>;

/** Returns the verbs of zones. */
export function createZones({ catalogue, counts }: { catalogue: Catalogue; counts: ReadingClock }) {
  const preferredBy = (userId: string): string | undefined => {
    const zone = catalogue.read((db) => selectUser(db, userId))?.preferences['timezone'];
    return typeof zone === 'string' && isTimeZone(zone) ? zone : undefined;
  };
  return {
    /** Returns the days a person's reading is counted in. Throws invalid for a zone nobody knows. */
    of(userId: string, asked?: string): Days {
      if (asked !== undefined && !isTimeZone(asked)) {
        throw invalid(`There is no time zone "${asked}".`, {
          details: { fields: { tz: 'an IANA time zone' } },
        });
      }
      const zone = asked ?? preferredBy(userId) ?? counts.zone;
      const minutes = minutesOf(counts.dayStart);
      const nameOf = readingDays(zone, minutes);
      return {
        zone,
        dayOf: (moment) => nameOf(moment.getTime() / 1000),
        startOf: (day) => startOfDay(day, zone, minutes),
        endOf: (day) => startOfDay(addDays(day, 1), zone, minutes),
      };
    },
  };
}
