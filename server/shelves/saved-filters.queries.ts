// The SQL of saved filters.
import type { Db } from '../catalogue/db.ts';
import { eq } from 'drizzle-orm';
import { savedFilters } from '../catalogue/schema/index.ts';
import { insertRow, updateRow } from '../catalogue/rows.ts';
import { statement } from '../catalogue/statements.ts';
import { fold } from '../base/fold.ts';

export type SavedFilter = typeof savedFilters.$inferSelect;

/** Every filter of the owner: pinned ones first, then by name without case and accents, ties by id. */
export function selectFilters(db: Db, ownerId: string): SavedFilter[] {
  const rows = db.select().from(savedFilters).where(eq(savedFilters.ownerId, ownerId)).all();
  const keyed = rows.map((row) => ({ row, name: fold(row.name) }));
  return keyed
    .toSorted(
      (a, b) =>
        Number(b.row.isPinned) - Number(a.row.isPinned) ||
        (a.name < b.name ? -1 : a.name > b.name ? 1 : 0) ||
        (a.row.filterId < b.row.filterId ? -1 : 1),
    )
    .map(({ row }) => row);
}

/** One of the owner's filters. */
export function selectFilter(db: Db, ownerId: string, filterId: string): SavedFilter | undefined {
  const found = db.select().from(savedFilters).where(eq(savedFilters.filterId, filterId)).get();
  return found?.ownerId === ownerId ? found : undefined;
}

export const insertFilter = (db: Db, row: typeof savedFilters.$inferInsert): void => {
  insertRow(db, savedFilters, row);
};
export const updateFilter = (
  db: Db,
  filterId: string,
  change: Partial<typeof savedFilters.$inferInsert>,
): void => updateRow(db, savedFilters, savedFilters.filterId, filterId, change);

/** Counts one more use. */
export const noteUse = (db: Db, filterId: string, now: Date): void => {
  statement(
    db.$client,
    'update saved_filters set usage_count = usage_count + 1, last_used_at = ? where filter_id = ?',
  ).run(now.getTime(), filterId);
};
export const deleteFilter = (db: Db, filterId: string): void => {
  statement(db.$client, 'delete from saved_filters where filter_id = ?').run(filterId);
};
