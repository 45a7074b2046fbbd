// How reading is counted, by the settings as they are whenever it is asked.
import type { ServerOptions } from './options.ts';

/** Returns what a person set about counting; `usualZone` is the zone of days when they named none. */
export const countsOf = (options: Readonly<ServerOptions>, usualZone: string) => ({
  get zone() {
    return options.timeZone ?? usualZone;
  },
  get dayStart() {
    return options.dayStart;
  },
  get leastDaySec() {
    return options.minTimePerDay;
  },
  get leastDayPages() {
    return options.minPagesPerDay;
  },
  get finishedMark() {
    return options.finishedMark;
  },
  get stablePages() {
    return options.stablePages;
  },
});
