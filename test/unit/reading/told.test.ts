import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readingDays } from '../../../server/base/time-zone.ts';
import { joinTold } from '../../../server/reading/told.ts';
import type { Span, ToldSession } from '../../../server/reading/told.ts';

const dayOf = readingDays('UTC', 0);
const NOON = Date.parse('2026-03-14T12:00:00Z') / 1000;
const minutes = (from: number, to: number): Span => ({ startSec: NOON + from * 60, endSec: NOON + to * 60 });
const told = (from: number, to: number | null, pages: number | null = null): ToldSession => ({
  sessionId: `${from}-${to}`,
  startSec: NOON + from * 60,
  endSec: to === null ? null : NOON + to * 60,
  pages,
});
const join = (sessions: ToldSession[], koreader: Span[] = []) => {
  const { days, sessions: sittings } = joinTold(sessions, koreader, dayOf);
  return {
    days: days.map(({ day, readSec, pages }) => [day, readSec / 60, pages]),
    sittings: sittings.map(({ startSec, endSec, durationSec }) => [
      (startSec - NOON) / 60,
      (endSec - NOON) / 60,
      durationSec / 60,
    ]),
  };
};
const DAY = '2026-03-14';

describe('sessions devices tell of a book', () => {
  it('count as they are where nobody else read', () => {
    expect(join([told(0, 30, 12), told(60, 75)])).toEqual({
      days: [[DAY, 45, 12]],
      sittings: [
        [0, 30, 30],
        [60, 75, 15],
      ],
    });
  });

  it('count in whole minutes, each of them', () => {
    expect(join([told(0, 31 + 59 / 60), told(60, 91 + 59 / 60)]).days).toEqual([[DAY, 62, 0]]);
  });

  it('belong to the day they began', () => {
    const late = told(11 * 60 + 50, 12 * 60 + 20);
    expect(join([late]).days).toEqual([[DAY, 30, 0]]);
  });

  it('that overlap are one sitting, and the time they share counts once', () => {
    expect(join([told(0, 30, 30), told(20, 50, 30)])).toEqual({
      days: [[DAY, 50, 50]],
      sittings: [[0, 50, 50]],
    });
  });

  it("are KOReader's where KOReader saw the book being read", () => {
    expect(join([told(5, 25, 20)], [minutes(0, 30)])).toEqual({ days: [], sittings: [] });
    expect(join([told(20, 60, 40)], [minutes(0, 30)])).toEqual({
      days: [[DAY, 30, 30]],
      sittings: [[30, 60, 30]],
    });
  });

  it('are the same sitting when less than a minute is left of them', () => {
    expect(join([told(-0.4, 30.5, 30)], [minutes(0, 30)])).toEqual({ days: [], sittings: [] });
  });

  it('before and after one sitting of KOReader are left of that one sitting', () => {
    expect(join([told(-1.5, 10), told(20, 31.5)], [minutes(0, 30)])).toEqual({
      days: [[DAY, 3, 0]],
      sittings: [[-1.5, 31.5, 3]],
    });
  });

  it('without an end count their pages, and a sitting of no time', () => {
    expect(join([told(0, null, 7)])).toEqual({ days: [[DAY, 0, 7]], sittings: [[0, 0, 0]] });
    expect(join([told(0, null)])).toEqual({ days: [], sittings: [[0, 0, 0]] });
    expect(join([told(10, null, 7)], [minutes(0, 30)])).toEqual({ days: [], sittings: [] });
    expect(join([told(0, null), told(0, 20)])).toEqual({ days: [[DAY, 20, 0]], sittings: [[0, 20, 20]] });
  });
});

describe('any reports of one book', () => {
  const session = fc
    .tuple(fc.integer({ min: 0, max: 4_000 }), fc.integer({ min: 0, max: 300 }), fc.option(fc.nat(200)))
    .map(([from, length, pages]): ToldSession => ({
      sessionId: `${from}-${length}`,
      startSec: NOON + from * 7,
      endSec: NOON + from * 7 + length * 11,
      pages,
    }));
  const span = fc
    .tuple(fc.nat(4_000), fc.integer({ min: 1, max: 200 }))
    .map(([from, length]): Span => ({ startSec: NOON + from * 7, endSec: NOON + from * 7 + length * 13 }));
  const reports = fc.array(session, { maxLength: 12 });
  const spans = fc.array(span, { maxLength: 6 });
  const totals = (sessions: ToldSession[], koreader: Span[]) => {
    const joined = joinTold(sessions, koreader, dayOf);
    return {
      readSec: joined.days.reduce((sum, { readSec }) => sum + readSec, 0),
      sittingSec: joined.sessions.reduce((sum, { durationSec }) => sum + durationSec, 0),
    };
  };

  it('add up: the days and the sittings are the same time', () => {
    fc.assert(
      fc.property(reports, spans, (sessions, koreader) => {
        const { readSec, sittingSec } = totals(sessions, koreader);
        expect(readSec).toBe(sittingSec);
      }),
    );
  });

  it('give the same in any order', () => {
    fc.assert(
      fc.property(
        reports.chain((sessions) =>
          fc.tuple(fc.constant(sessions), fc.shuffledSubarray(sessions, { minLength: sessions.length })),
        ),
        spans.chain((koreader) =>
          fc.tuple(fc.constant(koreader), fc.shuffledSubarray(koreader, { minLength: koreader.length })),
        ),
        ([sessions, shuffled], [koreader, shuffledSpans]) => {
          expect(joinTold(shuffled, shuffledSpans, dayOf)).toEqual(joinTold(sessions, koreader, dayOf));
        },
      ),
    );
  });

  it('change nothing by a report from within a sitting that was told already', () => {
    fc.assert(
      fc.property(reports, spans, fc.nat(), fc.nat(), fc.nat(), (sessions, koreader, which, from, to) => {
        const all = [
          ...sessions.map(({ startSec, endSec }) => ({ startSec, endSec: endSec ?? startSec })),
          ...koreader,
        ];
        fc.pre(all.length > 0);
        const { startSec, endSec } = all[which % all.length]!;
        const length = endSec - startSec + 1;
        const [a, b] = [startSec + (from % length), startSec + (to % length)];
        const again: ToldSession = {
          sessionId: 'again',
          startSec: Math.min(a, b),
          endSec: Math.max(a, b),
          pages: null,
        };
        expect(joinTold([...sessions, again], koreader, dayOf)).toEqual(joinTold(sessions, koreader, dayOf));
      }),
      { numRuns: 1_000 },
    );
  });

  it('never count more time than passed while somebody read', () => {
    fc.assert(
      fc.property(reports, spans, (sessions, koreader) => {
        const seconds = new Set<number>();
        for (const { startSec, endSec } of sessions)
          for (let each = startSec; each < (endSec ?? startSec); each++) seconds.add(each);
        for (const { startSec, endSec } of koreader)
          for (let each = startSec; each < endSec; each++) seconds.delete(each);
        const { readSec } = totals(sessions, koreader);
        expect(readSec).toBeLessThanOrEqual(seconds.size);
        expect(seconds.size - readSec).toBeLessThan(60 * (sessions.length + 1));
      }),
      { numRuns: 30 },
    );
  });
});
