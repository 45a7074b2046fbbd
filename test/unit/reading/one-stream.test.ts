import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundsOf, periodsIn } from '../../../server/base/days.ts';
import { deriveReadBook } from '../../../server/koreader/derive-reading.ts';
import { pageReadWriter, readBookIdOf, updateReadBook } from '../../../server/koreader/statistics.queries.ts';
import { forgetSession, keepSession } from '../../../server/reading/papyrus-sessions.ts';
import { wholeRange } from '../../../server/reading/history.ts';
import { koreaderSessionId, readKoreaderSessionId } from '../../../server/reading/koreader-session-id.ts';
import { statisticsOf } from '../../../server/reading/periods.ts';
import { summarise } from '../../../server/reading/statistics.ts';
import { READING_DEFAULTS, rulesOf } from '../../../server/reading/rules.ts';
import { createReadings } from '../../../server/reading/readings.ts';
import { aBook } from '../../support/builders.ts';
import { openShelf } from '../../support/catalogue.ts';
import { at } from '../../support/clock.ts';

const COUNTS = { ...READING_DEFAULTS, zone: 'Europe/Berlin' };
const ZONES = ['Europe/Berlin', 'UTC', 'America/St_Johns'];
const rules = rulesOf(COUNTS, at('2026-03-14T12:00:00Z'));
const START = Date.parse('2026-02-20T18:00:00Z') / 1000;

type Told = { kind: 'told'; id: number; book: number; start: number; minutes: number; pages: number | null };
type Read = { kind: 'read'; book: number; start: number; pages: number };
const told: fc.Arbitrary<Told> = fc.record({
  kind: fc.constant('told' as const),
  id: fc.nat(1_000_000),
  book: fc.nat(2),
  start: fc.nat(90),
  minutes: fc.nat(120),
  pages: fc.option(fc.nat(80)),
});
const read: fc.Arbitrary<Read> = fc.record({
  kind: fc.constant('read' as const),
  book: fc.nat(1),
  start: fc.nat(90),
  pages: fc.integer({ min: 1, max: 40 }),
});
const reports = fc.uniqueArray(fc.oneof(told, read), {
  minLength: 4,
  maxLength: 14,
  selector: (each) => (each.kind === 'told' ? `told ${each.id}` : `read ${each.book} ${each.start}`),
});

/** A library of three books, two of them known to KOReader. */
function open() {
  const shelf = openShelf();
  const { ownerId, catalogue, clock } = shelf;
  const books = shelf.write((db) => [1, 2, 3].map((n) => aBook(db, { ownerId, title: `Book ${n}` }).bookId));
  const sessionOf = (id: number) => `00000000-0000-7000-8000-${String(id).padStart(12, '0')}`;
  const take = (report: Told | Read) =>
    shelf.write((db) => {
      const bookId = books[report.book]!;
      const startSec = START + report.start * 300;
      if (report.kind === 'told') {
        const startedAt = new Date(startSec * 1000);
        const endedAt = new Date((startSec + report.minutes * 60) * 1000);
        const facts = { bookId, startedAt, endedAt, startPosition: null, endPosition: null, pagesRead: report.pages, deviceType: null, deviceName: null }; // prettier-ignore
        keepSession(db, { ownerId, sessionId: sessionOf(report.id), facts }, { rules, now: clock.now() });
        return;
      }
      const id = readBookIdOf(db, ownerId, `md5-${report.book}`, 'As KOReader calls it');
      updateReadBook(db, id, { bookId, pages: 50, lastOpenAt: new Date(startSec * 1000) });
      const write = pageReadWriter(db);
      for (let page = 0; page < report.pages; page++)
        write(id, startSec + page * 60, 1 + (page % 50), 55, 50);
      deriveReadBook(db, id, rules);
    });
  const forget = (id: number) => shelf.write((db) => forgetSession(db, sessionOf(id), rules));
  const readings = createReadings({ catalogue, clock, counts: COUNTS, rules });
  const rows = async () => {
    const { history } = await readings.view(ownerId);
    const nameOf = (readBookId: number) => history.books.get(readBookId)?.bookId;
    const named = books.map(String);
    return {
      days: history.days
        .map(({ readBookId, ...day }) => ({ book: named.indexOf(nameOf(readBookId) ?? ''), ...day }))
        .sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : a.book - b.book)),
      sessions: history.sessions
        .map(({ readBookId, ...session }) => ({ book: named.indexOf(nameOf(readBookId) ?? ''), ...session }))
        .sort((a, b) => a.startedSec - b.startedSec || a.book - b.book),
    };
  };
  return { ...shelf, take, forget, readings, rows };
}

describe('reading told by several devices', () => {
  it("is KOReader's where KOReader saw it, whichever is told first", async () => {
    const session: Told = { kind: 'told', id: 1, book: 0, start: 0, minutes: 60, pages: 60 };
    const reads: Read = { kind: 'read', book: 0, start: 0, pages: 40 };
    for (const order of [
      [session, reads],
      [reads, session],
    ]) {
      const { take, rows } = open();
      order.forEach(take);
      expect(await rows()).toEqual({
        days: [{ book: 0, day: '2026-02-20', readSec: 3_600 - 5 * 40, pages: 60 }],
        sessions: [
          expect.objectContaining({ book: 0, startedSec: START, readSec: 40 * 55 }),
          expect.objectContaining({ book: 0, startedSec: START + 39 * 60 + 55, readSec: 20 * 60 }),
        ],
      });
    }
  });

  it('is the same in whatever order it comes', async () => {
    await fc.assert(
      fc.asyncProperty(
        reports.chain((all) =>
          fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
        ),
        async ([all, shuffled]) => {
          const [one, other] = [open(), open()];
          all.forEach(one.take);
          shuffled.forEach(other.take);
          expect(await other.rows()).toEqual(await one.rows());
        },
      ),
      { numRuns: 12 },
    );
  });

  it('is as if it had never been told once it is taken back', async () => {
    await fc.assert(
      fc.asyncProperty(reports, fc.nat(), async (all, which) => {
        const sessions = all.filter((each) => each.kind === 'told');
        fc.pre(sessions.length > 0);
        const gone = sessions[which % sessions.length]!;
        const [one, other] = [open(), open()];
        all.forEach(one.take);
        one.forget(gone.id);
        all.filter((each) => each !== gone).forEach(other.take);
        expect(await one.rows()).toEqual(await other.rows());
      }),
      { numRuns: 12 },
    );
  });

  it('adds up in every zone: the days, the months and the books are the total, and both faces agree', async () => {
    await fc.assert(
      fc.asyncProperty(reports, async (all) => {
        const { take, readings, ownerId } = open();
        all.forEach(take);
        for (const zone of ZONES) {
          const { history, today } = await readings.view(ownerId, zone);
          const range = wholeRange(history, today);
          const total = statisticsOf(history, range, today);
          const parts = [
            total.days,
            total.books,
            periodsIn(range.from, range.to, 'month').map((month) =>
              statisticsOf(history, boundsOf(month, 'month'), today),
            ),
          ];
          for (const part of parts) {
            const sum = (field: 'minutes' | 'pages' | 'sessions') =>
              part.reduce((so, each) => so + each[field], 0);
            expect([sum('minutes'), sum('pages'), sum('sessions')]).toEqual([
              total.minutes,
              total.pages,
              total.sessions,
            ]);
          }
          const summary = summarise(history, today);
          expect([summary.pages, summary.sessions, summary.longestStreak?.days ?? 0]).toEqual([
            total.pages,
            total.sessions,
            total.longestStreak,
          ]);
          expect(Math.abs(summary.readSec / 60 - total.minutes)).toBeLessThanOrEqual(history.days.length / 2);
          expect(new Set(history.days.map(({ day, readBookId }) => `${day} ${readBookId}`)).size).toBe(
            history.days.length,
          );
        }
      }),
      { numRuns: 10 },
    );
  });
});

describe("the id of a sitting of KOReader's", () => {
  it('says which sitting it is', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 40), fc.nat(2 ** 40), (readBookId, startedSec) => {
        const id = koreaderSessionId({ readBookId, startedSec });
        expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(readKoreaderSessionId(id)).toEqual({ readBookId, startedSec });
      }),
    );
  });

  it.each(['00000000-0000-7000-8000-000000000001', '018f3c2e-1a2b-8abc-8000-000000000001', 'x', ''])(
    'is not "%s"',
    (id) => {
      expect(readKoreaderSessionId(id)).toBeUndefined();
    },
  );
});
