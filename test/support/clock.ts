// A clock that tests set and move: nothing waits for time to pass.
import type { Clock } from '../../server/base/clock.ts';

export type SetClock = Clock & {
  forward(by: { days?: number; hours?: number; minutes?: number; seconds?: number }): void;
};

/** Returns a clock that stands at the moment ("2026-03-14T12:00:00Z", or a date for its midnight UTC) until it is moved. */
export function at(moment: string): SetClock {
  let nowMs = Date.parse(moment);
  if (Number.isNaN(nowMs)) throw new Error(`${moment} is no moment`);
  return {
    now: () => new Date(nowMs),
    forward: ({ days = 0, hours = 0, minutes = 0, seconds = 0 }) => {
      nowMs += (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
    },
  };
}
