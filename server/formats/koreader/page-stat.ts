// The arithmetic of KOReader's `page_stat` view: a page read in one layout, as pages of the layout the book has now.

export type RescaledPages = {
  firstPage: number;
  lastPage: number;
  /** Seconds of each page from first to last; can be 0. */
  durationEach: number;
};

/** The view spreads a row with the help of a table of the numbers 1 to 1000, and so over that many pages at most. */
const MAX_PAGES = 1000;

/**
 * Spreads a read page over the pages of today's layout as statistics.koplugin does (schema 20201010 and later), all
 * divisions cut to whole numbers: KOReader's own totals come out to the second. Returns undefined where the view has no
 * row: a layout without pages.
 *
 * @param page the page read, from 1, out of `totalPages`
 * @param pages the pages of the book today
 */
export function rescale(
  page: number,
  totalPages: number,
  pages: number,
  durationSec: number,
): RescaledPages | undefined {
  if (totalPages === 0) return undefined;
  const firstPage = Math.trunc(((page - 1) * pages) / totalPages) + 1;
  const lastPage = Math.max(firstPage, Math.trunc((page * pages) / totalPages));
  const durationEach = Math.trunc(durationSec / (lastPage - firstPage + 1));
  return { firstPage, lastPage: Math.min(lastPage, firstPage + MAX_PAGES - 1), durationEach };
}
