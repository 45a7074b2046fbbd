// Every difference between the KoShelf API reference and what KoShelf's own web app 2026.7 expects (behaviour §0).

export type Dialect = 'reference' | 'koshelf-2026.7';

/** Shapes one dialect has and the other has not. */
export type DialectShape = {
  /** Progress as 0–100 instead of KOReader's 0–1. */
  progressInPercent: boolean;
  /** `capabilities.auth_enabled` instead of a top-level `auth` object. */
  authAsCapability: boolean;
  /** The detail of an item repeats `annotation_count` of the list. */
  countInDetail: boolean;
  /** `statistics.item_stats` counts bookmarks. */
  bookmarksInStats: boolean;
};

/** Returns the shapes of a dialect. */
export const shapeOf = (dialect: Dialect): DialectShape =>
  dialect === 'reference'
    ? { progressInPercent: true, authAsCapability: true, countInDetail: true, bookmarksInStats: true }
    : { progressInPercent: false, authAsCapability: false, countInDetail: false, bookmarksInStats: true };
