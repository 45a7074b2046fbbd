// Schemas of saved filters (papyrus.md "Saved filters").
import { z } from 'zod';
import { Instant, papyrus, plainText, QueryFlag, requiredText, Uuid } from '../shared-schemas.ts';

const FilterType = z.enum(['search', 'shelf', 'custom']).register(papyrus, { id: 'FilterType' });
const Color = z.string().regex(/^#[0-9A-Fa-f]{6}$/, 'must be a colour such as #FFEB3B');

export const SavedFilter = z
  .object({
    filter_id: Uuid,
    name: z.string(),
    description: z.string().nullable(),
    query: z.string().describe('In the query language of GET /books.'),
    filter_type: FilterType,
    icon: z.string().nullable(),
    color: Color.nullable(),
    is_pinned: z.boolean(),
    usage_count: z.int(),
    last_used_at: Instant.nullable(),
    created_at: Instant,
    updated_at: Instant,
  })
  .register(papyrus, { id: 'SavedFilter' });

export const SavedFilterList = z
  .object({ filters: z.array(SavedFilter) })
  .register(papyrus, { id: 'SavedFilterList' });

export const SavedFilterParams = z.object({ filter_id: Uuid });
export const SavedFiltersQuery = z.object({ is_pinned: QueryFlag.optional() });

const fields = {
  description: plainText(2000).nullish(),
  icon: plainText(50).nullish(),
  color: Color.nullish(),
};

export const CreateSavedFilterRequest = z
  .object({
    ...fields,
    name: requiredText(100),
    query: plainText(1000),
    filter_type: FilterType.nullish(),
    is_pinned: z.boolean().default(false),
  })
  .register(papyrus, { id: 'CreateSavedFilterRequest' });

export const UpdateSavedFilterRequest = z
  .object({
    ...fields,
    name: requiredText(100).optional(),
    query: plainText(1000).optional(),
    filter_type: FilterType.optional(),
    is_pinned: z.boolean().optional(),
  })
  .register(papyrus, { id: 'UpdateSavedFilterRequest' });
