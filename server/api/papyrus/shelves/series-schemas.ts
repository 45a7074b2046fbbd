// Schemas of series (papyrus.md "Series").
import { z } from 'zod';
import { BookSummary } from '../books/schemas.ts';
import { Instant, papyrus, plainText, QueryFlag, requiredText, unless, Uuid } from '../shared-schemas.ts';

const series = {
  series_id: Uuid,
  name: z.string(),
  description: z.string().nullable(),
  author: z.string().nullable(),
  total_books: z.int().nullable().describe('How many books it has in the world.'),
  is_complete: z.boolean(),
  book_count: z.int().nullable().describe('How many are in the library; null where it was not asked for.'),
  created_at: Instant,
  updated_at: Instant,
};
export const Series = z.object(series).register(papyrus, { id: 'Series' });

export const SeriesWithBooks = z
  .object({ ...series, books: z.array(BookSummary) })
  .register(papyrus, { id: 'SeriesWithBooks' });

export const SeriesList = z.object({ series: z.array(Series) }).register(papyrus, { id: 'SeriesList' });

export const SeriesParams = z.object({ series_id: Uuid });
export const SeriesQuery = z.object({
  include_books: QueryFlag.default(false).describe('Count the books of each series.'),
});

const fields = {
  description: plainText(10_000).nullish(),
  author: plainText(255).nullish(),
  total_books: z.int().min(0).max(1_000_000).nullish(),
};

export const CreateSeriesRequest = z
  .object({ ...fields, name: requiredText(255), is_complete: unless(z.boolean(), false) })
  .register(papyrus, { id: 'CreateSeriesRequest' });

export const UpdateSeriesRequest = z
  .object({ ...fields, name: requiredText(255).optional(), is_complete: z.boolean().optional() })
  .register(papyrus, { id: 'UpdateSeriesRequest' });

export type Series = z.infer<typeof Series>;
