// Shelves, tags and series in, from the Papyrus contract's words. A key that is absent stays absent.
import type { z } from 'zod';
import type { NewSeries, SeriesChange } from '../../../library/series.ts';
import type { NewShelf, ShelfChange } from '../../../shelves/shelves.ts';
import type { NewTag, TagChange } from '../../../shelves/tags.ts';
import { present } from '../books/accept.ts';
import type { CreateSeriesRequest, UpdateSeriesRequest } from './series-schemas.ts';
import type { CreateShelfRequest, UpdateShelfRequest } from './schemas.ts';
import type { CreateTagRequest, UpdateTagRequest } from './tag-schemas.ts';

/** Returns the shelf to add. */
export const acceptNewShelf = (body: z.output<typeof CreateShelfRequest>): NewShelf => ({
  ...acceptShelfChange({
    ...body,
    sort_order: body.sort_order ?? undefined,
  }),
  name: body.name,
});

/** Returns what changes of a shelf. */
export const acceptShelfChange = (body: z.output<typeof UpdateShelfRequest>): ShelfChange =>
  present({
    name: body.name,
    description: body.description,
    color: body.color,
    icon: body.icon,
    parentShelfId: body.parent_shelf_id,
    isSmart: body.is_smart,
    smartQuery: body.smart_query,
    sortOrder: body.sort_order,
  });

/** Returns the tag to add. */
export const acceptNewTag = (body: z.output<typeof CreateTagRequest>): NewTag => ({
  name: body.name,
  color: body.color,
  description: body.description ?? null,
});

/** Returns what changes of a tag. */
export const acceptTagChange = (body: z.output<typeof UpdateTagRequest>): TagChange =>
  present({ name: body.name, color: body.color, description: body.description });

/** Returns the series to add. */
export const acceptNewSeries = (body: z.output<typeof CreateSeriesRequest>): NewSeries => ({
  ...acceptSeriesChange(body),
  name: body.name,
});

/** Returns what changes of a series. */
export const acceptSeriesChange = (body: z.output<typeof UpdateSeriesRequest>): SeriesChange =>
  present({
    name: body.name,
    description: body.description,
    author: body.author,
    totalBooks: body.total_books,
    isComplete: body.is_complete,
  });
