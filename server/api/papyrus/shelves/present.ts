// Shelves, tags and series out, in the Papyrus contract's words.
import type { ShelfMark } from '../../../shelves/memberships.queries.ts';
import type { SeriesRecord } from '../../../library/series.ts';
import type { CountedShelf } from '../../../shelves/shelves.ts';
import type { TagRecord } from '../../../shelves/tags.ts';
import type { Series } from './series-schemas.ts';
import type { Shelf } from './schemas.ts';
import type { Tag } from './tag-schemas.ts';

type ShelfWithMaybeChildren = CountedShelf & { children?: ShelfWithMaybeChildren[] };

/** Returns the shelf with those below it, where they were asked for. */
export const presentShelf = (shelf: ShelfWithMaybeChildren): Shelf => ({
  shelf_id: shelf.shelfId,
  name: shelf.name,
  description: shelf.description,
  color: shelf.color,
  icon: shelf.icon,
  is_default: shelf.isDefault,
  is_smart: shelf.isSmart,
  smart_query: shelf.smartQuery,
  sort_order: shelf.sortOrder,
  parent_shelf_id: shelf.parentShelfId,
  book_count: shelf.bookCount ?? null,
  children: (shelf.children ?? []).map(presentShelf),
  created_at: shelf.createdAt.toISOString(),
  updated_at: shelf.updatedAt.toISOString(),
});

/** Returns the shelf as its books name it. */
export const presentShelfSummary = (shelf: ShelfMark) => ({
  shelf_id: shelf.shelfId,
  name: shelf.name,
  color: shelf.color,
});

/** Returns the tag. */
export const presentTag = (tag: TagRecord): Tag => ({
  tag_id: tag.tagId,
  name: tag.name,
  color: tag.color,
  description: tag.description,
  usage_count: tag.usageCount ?? null,
  created_at: tag.createdAt.toISOString(),
});

/** Returns the series without its books. */
export const presentSeries = (series: SeriesRecord): Series => ({
  series_id: series.seriesId,
  name: series.name,
  description: series.description,
  author: series.author,
  total_books: series.totalBooks,
  is_complete: series.isComplete,
  book_count: series.bookCount ?? null,
  created_at: series.createdAt.toISOString(),
  updated_at: series.updatedAt.toISOString(),
});
