// Schemas of shelves and of the books on them (papyrus.md "Shelves").
import { z } from 'zod';
import { BOOK_SORT_NAMES } from '../../../library/books.ts';
import {
  PageQuery,
  papyrus,
  plainText,
  QueryFlag,
  requiredText,
  sortOf,
  Instant,
  unless,
  Uuid,
} from '../shared-schemas.ts';

export const Colour = z.string().regex(/^#[0-9A-Fa-f]{6}$/, 'must be a colour such as #FF9800');

export const Shelf = z.object({
  shelf_id: Uuid,
  name: z.string(),
  description: z.string().nullable(),
  color: Colour.nullable(),
  icon: z.string().nullable(),
  is_default: z.boolean().describe('A default shelf cannot be deleted.'),
  is_smart: z.boolean().describe('Its books are those its query finds.'),
  smart_query: z.string().nullable(),
  sort_order: z.int(),
  parent_shelf_id: Uuid.nullable(),
  book_count: z
    .int()
    .nullable()
    .describe('Its own books, not those of shelves below it; null where it was not asked for.'),
  get children(): z.ZodArray<typeof Shelf> {
    return z.array(Shelf);
  },
  created_at: Instant,
  updated_at: Instant,
});
Shelf.register(papyrus, { id: 'Shelf' });

export const ShelfSummary = z
  .object({ shelf_id: Uuid, name: z.string(), color: Colour.nullable() })
  .register(papyrus, { id: 'ShelfSummary' });

export const ShelfList = z.object({ shelves: z.array(Shelf) }).register(papyrus, { id: 'ShelfList' });

export const ShelfParams = z.object({ shelf_id: Uuid });
export const ShelfBookParams = z.object({ shelf_id: Uuid, book_id: Uuid });

export const ShelvesQuery = z.object({
  include_books: QueryFlag.default(false).describe('Count the books of each shelf.'),
  flat: QueryFlag.default(false).describe('One list of all shelves instead of a tree.'),
});

export const DeleteShelfQuery = z.object({
  move_books_to: Uuid.optional().describe('A shelf that takes the books of those that are removed.'),
});

const booksBy = (names: readonly string[]) => ({
  ...PageQuery,
  sort: sortOf(names)
    .default('-added_at')
    .describe('A leading - is for descending. Unknown values come last either way.'),
});
/** Pages of books that stand on no shelf, in order. */
export const SortQuery = booksBy(BOOK_SORT_NAMES);
/** Pages of books that may stand on one: it has an order of its own. */
export const ShelfSortQuery = booksBy([...BOOK_SORT_NAMES, 'shelf_order']);
export const ShelfBooksQuery = z.object(ShelfSortQuery);

const fields = {
  description: plainText(10_000).nullish(),
  color: Colour.nullish(),
  icon: plainText(50).nullish(),
  parent_shelf_id: Uuid.nullish(),
  smart_query: plainText(1000).nullish().describe('In the query language.'),
};

export const CreateShelfRequest = z
  .object({
    ...fields,
    name: requiredText(100),
    is_smart: unless(z.boolean(), false),
    sort_order: z.int().min(0).max(1_000_000).nullish(),
  })
  .register(papyrus, { id: 'CreateShelfRequest' });

export const UpdateShelfRequest = z
  .object({
    ...fields,
    name: requiredText(100).optional(),
    is_smart: z.boolean().optional(),
    sort_order: z.int().min(0).max(1_000_000).optional(),
  })
  .register(papyrus, { id: 'UpdateShelfRequest' });

export const BookIdsRequest = z
  .object({ book_ids: z.array(Uuid).max(1000) })
  .register(papyrus, { id: 'BookIdsRequest' });
export const AddedCount = z.object({ added_count: z.int() }).register(papyrus, { id: 'AddedCount' });
export const RemovedCount = z.object({ removed_count: z.int() }).register(papyrus, { id: 'RemovedCount' });

export const SetBookShelvesRequest = z
  .object({ shelf_ids: z.array(Uuid).max(1000) })
  .register(papyrus, { id: 'SetBookShelvesRequest' });

export type Shelf = z.infer<typeof Shelf>;
