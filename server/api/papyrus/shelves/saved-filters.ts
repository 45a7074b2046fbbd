// Endpoints of saved filters.
import type { z } from 'zod';
import type {
  FilterChange,
  SavedFilter as SavedFilterRecord,
  SavedFilters,
} from '../../../shelves/saved-filters.ts';
import { userEndpoint } from '../auth.ts';
import {
  CreateSavedFilterRequest,
  SavedFilter,
  SavedFilterList,
  SavedFilterParams,
  SavedFiltersQuery,
  UpdateSavedFilterRequest,
} from './saved-filter-schemas.ts';
import { json } from '../../../http/bodies.ts';

const FILTERS = { tag: 'Books', access: 'user' } as const;
const ONE = { ...FILTERS, path: '/saved-filters/{filter_id}', params: SavedFilterParams } as const;

/** Returns the endpoints. */
export function savedFilterEndpoints({ savedFilters }: { savedFilters: SavedFilters }) {
  return [
    userEndpoint(
      {
        ...FILTERS,
        method: 'get',
        path: '/saved-filters',
        summary: 'Lists your saved filters, pinned ones first, then by name.',
        query: SavedFiltersQuery,
        answers: { 200: SavedFilterList },
      },
      ({ caller, query }) => ({
        filters: savedFilters.list(caller.userId, { isPinned: query.is_pinned }).map(presentFilter),
      }),
    ),
    userEndpoint(
      {
        ...FILTERS,
        method: 'post',
        path: '/saved-filters',
        summary: 'Keeps a query under a name.',
        body: json(CreateSavedFilterRequest),
        answers: { 201: SavedFilter },
      },
      ({ caller, body }) => {
        const filter = {
          name: body.name,
          query: body.query,
          description: body.description ?? null,
          filterType: body.filter_type ?? ('custom' as const),
          icon: body.icon ?? null,
          color: body.color ?? null,
          isPinned: body.is_pinned,
        };
        return presentFilter(savedFilters.create(caller.userId, filter, caller.sessionId));
      },
    ),
    userEndpoint(
      {
        ...ONE,
        method: 'get',
        summary: 'Returns a saved filter.',
        answers: { 200: SavedFilter },
        errors: ['not_found'],
      },
      ({ caller, params }) => presentFilter(savedFilters.get(caller.userId, params.filter_id)),
    ),
    userEndpoint(
      {
        ...ONE,
        method: 'patch',
        summary: 'Changes what is given.',
        body: json(UpdateSavedFilterRequest),
        answers: { 200: SavedFilter },
        errors: ['not_found'],
      },
      ({ caller, params, body }) =>
        presentFilter(
          savedFilters.change(caller.userId, params.filter_id, acceptFilterChange(body), caller.sessionId),
        ),
    ),
    userEndpoint(
      {
        ...FILTERS,
        method: 'post',
        path: '/saved-filters/{filter_id}/use',
        summary: 'Notes that the filter was used.',
        params: SavedFilterParams,
        answers: { 200: SavedFilter },
        errors: ['not_found'],
      },
      ({ caller, params }) =>
        presentFilter(savedFilters.use(caller.userId, params.filter_id, caller.sessionId)),
    ),
    userEndpoint(
      { ...ONE, method: 'delete', summary: 'Removes a saved filter.', errors: ['not_found'] },
      ({ caller, params }) => savedFilters.remove(caller.userId, params.filter_id, caller.sessionId),
    ),
  ];
}

function acceptFilterChange(body: z.output<typeof UpdateSavedFilterRequest>): FilterChange {
  return {
    ...(body.name === undefined ? {} : { name: body.name }),
    ...(body.query === undefined ? {} : { query: body.query }),
    ...(body.description === undefined ? {} : { description: body.description }),
    ...(body.filter_type === undefined ? {} : { filterType: body.filter_type }),
    ...(body.icon === undefined ? {} : { icon: body.icon }),
    ...(body.color === undefined ? {} : { color: body.color }),
    ...(body.is_pinned === undefined ? {} : { isPinned: body.is_pinned }),
  };
}

const presentFilter = (filter: SavedFilterRecord): z.infer<typeof SavedFilter> => ({
  filter_id: filter.filterId,
  name: filter.name,
  description: filter.description,
  query: filter.query,
  filter_type: filter.filterType,
  icon: filter.icon,
  color: filter.color,
  is_pinned: filter.isPinned,
  usage_count: filter.usageCount,
  last_used_at: filter.lastUsedAt?.toISOString() ?? null,
  created_at: filter.createdAt.toISOString(),
  updated_at: filter.updatedAt.toISOString(),
});
