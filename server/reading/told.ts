// Joins what devices tell of a book's sittings with what KOReader's page reads show of them. Pure.
import type { ReadDay } from './derive.ts';
import type { Session } from './sessions.ts';

/** A sitting as a device told it. */
export type ToldSession = {
  sessionId: string;
  startSec: number;
  /** Null while it goes on, or when the device never said. */
  endSec: number | null;
  pages: number | null;
};

/** A stretch of time in Unix seconds. */
export type Span = { startSec: number; endSec: number };

export type ToldReading = { days: ReadDay[]; sessions: (Session & { day: string })[] };

/**
 * Returns what the told sessions of one book add to KOReader's sittings of it. Time counts once, however often it is told:
 * what lies inside a sitting of KOReader's is KOReader's, and sessions that overlap, with each other or with KOReader's, are
 * one sitting. What is left of a sitting counts in whole minutes on the day its first counted moment belongs to; less than
 * a minute beside KOReader's own is the same sitting on two clocks and adds nothing. Pages are those of the part that
 * counts. The order of the reports does not matter.
 */
export function joinTold(
  told: readonly ToldSession[],
  koreader: readonly Span[],
  dayOf: (sec: number) => string,
): ToldReading {
  const sessions: ToldReading['sessions'] = [];
  const days = new Map<string, ReadDay>();
  for (const sitting of sittingsOf(told, koreader)) {
    const { counted, pages } = countOf(sitting.reports, sitting.koreader);
    const [first] = counted;
    const last = counted.at(-1);
    if (first === undefined || last === undefined) continue;
    const minutes = Math.floor(lengthOf(counted) / 60);
    if (sitting.koreader.length > 0 && minutes === 0) continue;
    const day = dayOf(first.startSec);
    const readSec = minutes * 60;
    sessions.push({ startSec: first.startSec, endSec: last.endSec, durationSec: readSec, day });
    if (readSec === 0 && pages === 0) continue;
    const sum = days.get(day) ?? { day, readSec: 0, pages: 0 };
    days.set(day, { day, readSec: sum.readSec + readSec, pages: sum.pages + pages });
  }
  return { days: [...days.values()].sort((a, b) => (a.day < b.day ? -1 : 1)), sessions };
}

type Report = Span & { pages: number; isKoreaders: boolean };
/** The reports of one sitting by their start, and KOReader's own spans of it, apart and in order. */
type Sitting = { reports: Report[]; koreader: Span[] };

/** What overlaps is one sitting; of what starts alike that which reaches furthest comes first. */
function sittingsOf(told: readonly ToldSession[], koreader: readonly Span[]): Sitting[] {
  const all: Report[] = [
    ...united(koreader).map((span) => ({ ...span, pages: 0, isKoreaders: true })),
    ...told.map(({ startSec, endSec, pages }) => ({
      startSec,
      endSec: Math.max(endSec ?? startSec, startSec),
      pages: pages ?? 0,
      isKoreaders: false,
    })),
  ].sort((a, b) => a.startSec - b.startSec || b.endSec - a.endSec || b.pages - a.pages);
  const sittings: (Sitting & Span)[] = [];
  for (const report of all) {
    let sitting = sittings.at(-1);
    if (sitting === undefined || !belongs(report, sitting)) {
      sitting = { startSec: report.startSec, endSec: report.endSec, reports: [], koreader: [] };
      sittings.push(sitting);
    }
    sitting.endSec = Math.max(sitting.endSec, report.endSec);
    if (report.isKoreaders) sitting.koreader.push(report);
    else sitting.reports.push(report);
  }
  return sittings;
}

/** Whether a report that starts no earlier shares time with the sitting; a moment belongs to the end of one, too. */
const belongs = ({ startSec, endSec }: Span, sitting: Span): boolean =>
  startSec < sitting.endSec ||
  startSec === sitting.startSec ||
  (startSec === sitting.endSec && startSec === endSec);

/** The stretches of a sitting nobody else has counted, in order, and the pages read in them. */
function countOf(reports: readonly Report[], taken: readonly Span[]): { counted: Span[]; pages: number } {
  const counted: Span[] = [];
  let pages = 0;
  let untilSec = -Infinity;
  for (const report of reports) {
    const fresh = { startSec: Math.max(report.startSec, untilSec), endSec: report.endSec };
    const isNew = report.startSec > untilSec || fresh.endSec > fresh.startSec;
    untilSec = Math.max(untilSec, report.endSec);
    if (!isNew) continue;
    const parts = without(fresh, taken);
    const length = report.endSec - report.startSec;
    pages += report.pages * (length === 0 ? parts.length : lengthOf(parts) / length);
    counted.push(...parts);
  }
  return { counted, pages: Math.floor(pages + 0.5) };
}

/** The parts of a span outside all the taken ones, which are in order and apart; a moment is a part of no length. */
function without(span: Span, taken: readonly Span[]): Span[] {
  if (span.startSec === span.endSec)
    return taken.some(({ startSec, endSec }) => startSec <= span.startSec && span.startSec <= endSec)
      ? []
      : [span];
  const parts: Span[] = [];
  let fromSec = span.startSec;
  for (const { startSec, endSec } of taken) {
    if (startSec >= span.endSec) break;
    if (startSec > fromSec) parts.push({ startSec: fromSec, endSec: startSec });
    fromSec = Math.max(fromSec, endSec);
  }
  if (fromSec < span.endSec) parts.push({ startSec: fromSec, endSec: span.endSec });
  return parts;
}

/** The same time as spans in order that neither touch nor overlap. */
function united(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const { startSec, endSec } of spans.toSorted((a, b) => a.startSec - b.startSec)) {
    const last = result.at(-1);
    if (last !== undefined && startSec <= last.endSec) last.endSec = Math.max(last.endSec, endSec);
    else result.push({ startSec, endSec });
  }
  return result;
}

const lengthOf = (spans: readonly Span[]) =>
  spans.reduce((sum, { startSec, endSec }) => sum + endSec - startSec, 0);
