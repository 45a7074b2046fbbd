import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { json } from '../../../server/http/bodies.ts';
import { endpointsOf } from '../../../server/http/endpoint.ts';
import { listOfWords } from '../../../server/http/openapi-parameters.ts';
import { openApiDocument } from '../../../server/http/openapi.ts';
import type { Endpoint } from '../../../server/http/endpoint.ts';
import type { FaceDescription } from '../../../server/http/openapi.ts';

const components = z.registry<{ id: string }>();
const Book = z
  .object({ title: z.string(), pages: z.int().min(0).default(0), of: z.date().optional() })
  .register(components, { id: 'Book' });
const Shelf = z.object({ books: z.array(Book) }).register(components, { id: 'Shelf' });
const Failure = z.object({ message: z.string() }).register(components, { id: 'Failure' });

const FACE: FaceDescription = {
  title: 'A face',
  description: 'For tests.',
  version: '1.2.3',
  basePath: '/api',
  components,
  errorSchema: Failure,
  statusOf: {
    invalid: 400, unprocessable: 422, unauthenticated: 401, forbidden: 403, not_found: 404, wrong_method: 405, conflict: 409, stale: 409, too_large: 413, unsupported: 415, rate_limited: 429, unavailable: 503,
  }, // prettier-ignore
  always: [],
  security: { person: [{ bearer: [] }], anybody: undefined },
  securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
  wrap: (payload) => ({ type: 'object', properties: { data: payload } }),
};
const endpoint = endpointsOf<unknown, 'person' | 'anybody'>();
const book = () => ({ title: 'Emma', pages: 1 });

const getBook = endpoint(
  {
    method: 'get', path: '/books/{book_id}', summary: 'Get a book', tag: 'Books', access: 'person', cached: true,
    params: z.object({ book_id: z.string() }),
    query: z.object({ tz: z.string().optional().describe('IANA zone'), limit: z.coerce.number().default(20) }),
    answers: { 200: Book },
    errors: ['not_found', 'stale', 'conflict'],
  },
  book,
); // prettier-ignore

const document = (...endpoints: Endpoint<never>[]) =>
  openApiDocument([{ endpoints }], FACE) as Record<
    string,
    Record<string, Record<string, Record<string, unknown>>>
  >;

describe('the OpenAPI document', () => {
  it('describes an endpoint from its row', () => {
    const get = document(getBook).paths?.['/books/{book_id}']?.get;
    expect(get).toMatchObject({
      operationId: 'getBooksByBookId',
      summary: 'Get a book',
      tags: ['Books'],
      security: [{ bearer: [] }],
      parameters: [
        { name: 'book_id', in: 'path', required: true, schema: { type: 'string' } },
        { name: 'tz', in: 'query', required: false, description: 'IANA zone', schema: { type: 'string' } },
        { name: 'limit', in: 'query', required: false, schema: { type: 'number', default: 20 } },
      ],
    });
    // The description belongs to the parameter, once.
    expect(JSON.stringify(get?.parameters)).toContain('"schema":{"type":"string"}');
  });

  it('answers in the envelope of the face, with every status it can have', () => {
    const responses = document(getBook).paths?.['/books/{book_id}']?.get?.responses as Record<string, object>;
    expect(Object.keys(responses)).toEqual(['200', '304', '400', '401', '404', '409']);
    expect(responses[200]).toEqual({
      description: 'Get a book',
      content: {
        'application/json': {
          schema: { type: 'object', properties: { data: { $ref: '#/components/schemas/Book' } } },
        },
      },
    });
    expect(responses[404]).toEqual({ $ref: '#/components/responses/NotFound' });
    expect(document(getBook).components?.responses?.NotFound).toEqual({
      description: 'There is no such thing, or it is not yours.',
      content: { 'application/json': { schema: { $ref: '#/components/schemas/Failure' } } },
    });
  });

  it('has an answer without content, a body that may be missing, and downloads', () => {
    const remove = endpoint({ method: 'delete', path: '/books', summary: 'Remove', tag: 'Books', access: 'anybody', body: json(Shelf, { optional: true }) }, () => {}); // prettier-ignore
    const cover = endpoint({ method: 'get', path: '/cover', summary: 'Cover', tag: 'Books', access: 'anybody', sends: ['image/webp', 'text/html'] }, () => {}); // prettier-ignore
    const add = endpoint({ method: 'post', path: '/books', summary: 'Add', tag: 'Books', access: 'person', body: json(Book), answers: { 201: Book } }, book); // prettier-ignore
    const { paths } = document(remove, cover, add);
    expect(paths?.['/books']?.delete).toMatchObject({
      security: [],
      requestBody: {
        required: false,
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Shelf' } } },
      },
      responses: { 204: { description: 'Remove' }, 400: {} },
    });
    expect(paths?.['/books']?.post).toMatchObject({
      requestBody: { required: true },
      responses: { 201: {} },
    });
    expect(paths?.['/cover']?.get?.responses).toEqual({
      200: {
        description: 'Cover',
        content: {
          'image/webp': { schema: { type: 'string', format: 'binary' } },
          'text/html': { schema: { type: 'string' } },
        },
      },
    });
  });

  it('names every schema that is meant once, in order, and refers to it by name', () => {
    expect(Object.keys(document(getBook).components?.schemas ?? {})).toEqual(['Book', 'Failure']);
    const shelves = endpoint({ method: 'get', path: '/shelf', summary: 'Shelf', tag: 'Books', access: 'person', answers: { 200: Shelf } }, () => ({ books: [] })); // prettier-ignore
    const { components: shown } = document(shelves);
    expect(Object.keys(shown?.schemas ?? {})).toEqual(['Book', 'Failure', 'Shelf']);
    expect(shown?.schemas?.Shelf).toMatchObject({
      properties: { books: { type: 'array', items: { $ref: '#/components/schemas/Book' } } },
    });
    expect(JSON.stringify(shown)).not.toContain('$id');
    expect(shown?.schemas?.Book?.required).toEqual(['title', 'pages']);
  });

  it('lists paths in order and gives no two operations one name', () => {
    const at = (path: string) => endpoint({ method: 'get', path, summary: path, tag: 'Books', access: 'anybody', answers: { 200: Book } }, book); // prettier-ignore
    const { paths } = document(at('/b'), at('/a/{id}'), at('/a'), at('/a/id'));
    expect(Object.keys(paths ?? {})).toEqual(['/a', '/a/id', '/a/{id}', '/b']);
    const ids = Object.values(paths ?? {}).map(({ get }) => get?.operationId);
    expect(ids).toEqual(['getA', 'getAId', 'getAById', 'getB']);
  });

  it('describes what is served elsewhere at the root, under its whole path', () => {
    const at = (path: string) => endpoint({ method: 'get', path, summary: 'X', tag: 'Books', access: 'anybody', answers: { 200: Book } }, book); // prettier-ignore
    const { paths } = openApiDocument(
      [{ endpoints: [at('/a')] }, { endpoints: [at('/a'), at('/')], mountedAt: '/else' }],
      FACE,
    ) as { paths: Record<string, { get: { servers?: unknown; operationId: string } }> };
    expect(Object.keys(paths)).toEqual(['/a', '/else', '/else/a']);
    expect(paths['/a']?.get.servers).toBeUndefined();
    expect(paths['/else/a']?.get).toMatchObject({ servers: [{ url: '/' }], operationId: 'getElseA' });
  });

  it('has null among the words a field may be, and a type beside every "nullable"', () => {
    const Word = z.enum(['a', 'b']).register(components, { id: 'Word' });
    const Words = z
      .object({ word: Word.nullable().default('a'), other: z.enum(['c']).nullable(), some: Word.optional() })
      .register(components, { id: 'Words' });
    const say = endpoint({ method: 'put', path: '/word', summary: 'Say', tag: 'Books', access: 'anybody', body: json(Words) }, () => {}); // prettier-ignore
    expect(document(say).components?.schemas?.Words?.properties).toEqual({
      word: { type: 'string', enum: ['a', 'b', null], nullable: true, default: 'a' },
      other: { type: 'string', enum: ['c', null], nullable: true },
      some: { type: 'string', enum: ['a', 'b'] },
    });
  });

  it('describes words with commas between them as a list', () => {
    const query = z.object({
      sort: z
        .string()
        .max(9)
        .default('a,-b')
        .meta(listOfWords(['a', 'b', '-b'], { most: 3 })),
    });
    const list = endpoint({ method: 'get', path: '/x', summary: 'X', tag: 'Books', access: 'anybody', query, answers: { 200: Book } }, book); // prettier-ignore
    expect(document(list).paths?.['/x']?.get?.parameters).toEqual([
      {
        name: 'sort',
        in: 'query',
        required: false,
        style: 'form',
        explode: false,
        schema: {
          type: 'array',
          items: { type: 'string', enum: ['a', 'b', '-b'] },
          minItems: 1,
          maxItems: 3,
          default: ['a', '-b'],
        },
      },
    ]);
  });

  it('refuses a schema without a name', () => {
    const nameless = endpoint({ method: 'get', path: '/x', summary: 'X', tag: 'Books', access: 'anybody', answers: { 200: z.object({}) } }, () => ({})); // prettier-ignore
    expect(() => document(nameless)).toThrow('get /x has no component name');
  });

  it('says what it is', () => {
    expect(openApiDocument([{ endpoints: [getBook] }], FACE)).toMatchObject({
      openapi: '3.0.3',
      info: { title: 'A face', description: 'For tests.', version: '1.2.3' },
      servers: [{ url: '/api' }],
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
    });
  });
});
