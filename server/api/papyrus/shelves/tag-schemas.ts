// Schemas of tags (papyrus.md "Tags").
import { z } from 'zod';
import { Instant, papyrus, plainText, QueryFlag, requiredText, Uuid } from '../shared-schemas.ts';
import { Colour, SortQuery } from './schemas.ts';

export const Tag = z
  .object({
    tag_id: Uuid,
    name: z.string(),
    color: Colour,
    description: z.string().nullable(),
    usage_count: z.int().nullable().describe('How many books carry it; null where it was not asked for.'),
    created_at: Instant,
  })
  .register(papyrus, { id: 'Tag' });

export const TagList = z.object({ tags: z.array(Tag) }).register(papyrus, { id: 'TagList' });

export const TagParams = z.object({ tag_id: Uuid });
export const TagsQuery = z.object({
  include_counts: QueryFlag.default(false).describe('Count the books of each tag.'),
});
export const TagBooksQuery = z.object(SortQuery);

export const CreateTagRequest = z
  .object({ name: requiredText(50), color: Colour, description: plainText(10_000).nullish() })
  .register(papyrus, { id: 'CreateTagRequest' });

export const UpdateTagRequest = z
  .object({
    name: requiredText(50).optional(),
    color: Colour.optional(),
    description: plainText(10_000).nullish(),
  })
  .register(papyrus, { id: 'UpdateTagRequest' });

export const SetBookTagsRequest = z
  .object({ tag_ids: z.array(Uuid).max(10) })
  .register(papyrus, { id: 'SetBookTagsRequest' });

export type Tag = z.infer<typeof Tag>;
