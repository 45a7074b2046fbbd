// Every difference between the KoShelf API reference and what KoShelf's own web app 2026.7 expects (koshelf.md "Two dialects").

export type Dialect = 'reference' | 'koshelf-2026.7';

/** Shapes one dialect has and the other has not. */
export type DialectShape = {
  /** Progress as 0–100 instead of KOReader's 0–1. */
  progressInPercent: boolean;
  /** The detail of an item repeats `annotation_count` of the list. */
  countInDetail: boolean;
  /** `statistics.item_stats` counts bookmarks. */
  bookmarksInStats: boolean;
  /** The key of the one point of `group_by=total`. */
  totalKey: string;
  /** Ranges and periods begin and end at moments instead of on days. */
  rangesAsInstants: boolean;
  /** Calendar events begin and end at moments instead of on days with an exclusive, optional end. */
  eventsAsInstants: boolean;
  /** A streak that goes on names its last day. */
  currentStreakEnds: boolean;
  /** Periods of reading data count completions too. */
  completionsInReadingPeriods: boolean;
  /** Completions without year and range are those of the latest year instead of all. */
  latestYearByDefault: boolean;
  /** The best month has the most completions instead of the most reading. */
  bestMonthByCompletions: boolean;
  /** A month and a year that are none have error codes of their own. */
  codesForKeys: boolean;
  /** Without a zone in the request and in the options days are those of UTC instead of this computer's. */
  utcByDefault: boolean;
};

const REFERENCE: DialectShape = {
  progressInPercent: true,
  countInDetail: true,
  bookmarksInStats: true,
  totalKey: 'all-time',
  rangesAsInstants: true,
  eventsAsInstants: true,
  currentStreakEnds: true,
  completionsInReadingPeriods: false,
  latestYearByDefault: true,
  bestMonthByCompletions: true,
  codesForKeys: true,
  utcByDefault: true,
};

const KOSHELF_2026_7: DialectShape = {
  progressInPercent: false,
  countInDetail: false,
  bookmarksInStats: true,
  totalKey: 'total',
  rangesAsInstants: false,
  eventsAsInstants: false,
  currentStreakEnds: false,
  completionsInReadingPeriods: true,
  latestYearByDefault: false,
  bestMonthByCompletions: false,
  codesForKeys: false,
  utcByDefault: false,
};

const KEY = 'x-dialects';

/**
 * Returns what a schema's field says of itself in each dialect, for the API page: words of OpenAPI, `needed: true` where it
 * is always there, `undefined` where it never is.
 */
export const inDialects = (reference: object | undefined, koshelf20267: object | undefined) => ({
  [KEY]: { reference, 'koshelf-2026.7': koshelf20267 },
});

/** Returns what chooses the words of a dialect. */
export const tellIn =
  (dialect: Dialect) =>
  (field: Record<string, unknown>): Record<string, unknown> | undefined => {
    const { [KEY]: dialects, ...rest } = field;
    if (dialects === undefined) return field;
    const words = (dialects as Record<Dialect, object | undefined>)[dialect];
    return words === undefined ? undefined : { ...rest, ...words };
  };

/** Returns the shapes of a dialect. */
export const shapeOf = (dialect: Dialect): DialectShape =>
  dialect === 'reference' ? REFERENCE : KOSHELF_2026_7;
