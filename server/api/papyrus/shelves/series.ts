// Endpoints of series.
import { json } from '../../../http/bodies.ts';
import type { LinkBase } from '../../../http/links.ts';
import type { AllSeries } from '../../../library/series.ts';
import { acceptNewSeries, acceptSeriesChange } from './accept.ts';
import { userEndpoint } from '../auth.ts';
import { presentSeries } from './present.ts';
import { presentBookSummary } from '../books/present.ts';
import {
  CreateSeriesRequest,
  Series,
  SeriesList,
  SeriesParams,
  SeriesQuery,
  SeriesWithBooks,
  UpdateSeriesRequest,
} from './series-schemas.ts';

const SERIES = { tag: 'Series', access: 'user' } as const;
const ONE = { ...SERIES, path: '/series/{series_id}', params: SeriesParams } as const;

/** Returns the endpoints; `linkBase` says where links in answers lead. */
export function seriesEndpoints({ series, linkBase }: { series: AllSeries; linkBase: LinkBase }) {
  return [
    userEndpoint(
      {
        ...SERIES,
        method: 'get',
        path: '/series',
        summary: 'Lists your series by name.',
        query: SeriesQuery,
        answers: { 200: SeriesList },
        cached: true,
      },
      ({ caller, query }) => ({
        series: series.list(caller.userId, { counted: query.include_books }).map(presentSeries),
      }),
    ),
    userEndpoint(
      {
        ...SERIES,
        method: 'post',
        path: '/series',
        summary: 'Adds a series.',
        body: json(CreateSeriesRequest),
        answers: { 201: Series },
        errors: ['conflict'],
      },
      ({ caller, body }) =>
        presentSeries(series.create(caller.userId, acceptNewSeries(body), caller.sessionId)),
    ),
    userEndpoint(
      {
        ...ONE,
        method: 'get',
        summary: 'Returns a series with its books in their order.',
        answers: { 200: SeriesWithBooks },
        errors: ['not_found'],
      },
      ({ caller, params, req }) => {
        const found = series.get(caller.userId, params.series_id);
        return {
          ...presentSeries(found),
          books: found.books.map((book) => presentBookSummary(book, linkBase(req))),
        };
      },
    ),
    userEndpoint(
      {
        ...ONE,
        method: 'patch',
        summary: 'Changes what is given of a series.',
        body: json(UpdateSeriesRequest),
        answers: { 200: Series },
        errors: ['not_found', 'conflict'],
      },
      ({ caller, params, body }) =>
        presentSeries(
          series.change(caller.userId, params.series_id, acceptSeriesChange(body), caller.sessionId),
        ),
    ),
    userEndpoint(
      { ...ONE, method: 'delete', summary: 'Removes a series; its books stay.', errors: ['not_found'] },
      ({ caller, params }) => series.remove(caller.userId, params.series_id, caller.sessionId),
    ),
  ];
}
