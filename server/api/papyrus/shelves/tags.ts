// Endpoints of tags.
import { json } from '../../../http/bodies.ts';
import type { LinkBase } from '../../../http/links.ts';
import type { Books } from '../../../library/books.ts';
import type { Tags } from '../../../shelves/tags.ts';
import { acceptNewTag, acceptTagChange } from './accept.ts';
import { acceptSort } from '../books/accept.ts';
import { userEndpoint } from '../auth.ts';
import { presentTag } from './present.ts';
import { presentBooks } from '../books/present.ts';
import { BookList, BookParams } from '../books/schemas.ts';
import {
  CreateTagRequest,
  SetBookTagsRequest,
  Tag,
  TagBooksQuery,
  TagList,
  TagParams,
  TagsQuery,
  UpdateTagRequest,
} from './tag-schemas.ts';

const TAGS = { tag: 'Tags', access: 'user' } as const;
const ONE = { ...TAGS, path: '/tags/{tag_id}', params: TagParams } as const;
const OF_BOOK = {
  ...TAGS,
  path: '/books/{book_id}/tags',
  params: BookParams,
  answers: { 200: TagList },
} as const;

/** Returns the endpoints; `linkBase` says where links in answers lead. */
export function tagEndpoints(parts: { books: Books; tags: Tags; linkBase: LinkBase }) {
  const { books, tags, linkBase } = parts;
  return [
    userEndpoint(
      {
        ...TAGS,
        method: 'get',
        path: '/tags',
        summary: 'Lists your tags by name.',
        query: TagsQuery,
        answers: { 200: TagList },
        cached: true,
      },
      ({ caller, query }) => ({
        tags: tags.list(caller.userId, { counted: query.include_counts }).map(presentTag),
      }),
    ),
    userEndpoint(
      {
        ...TAGS,
        method: 'post',
        path: '/tags',
        summary: 'Adds a tag.',
        body: json(CreateTagRequest),
        answers: { 201: Tag },
        errors: ['conflict'],
      },
      ({ caller, body }) => presentTag(tags.create(caller.userId, acceptNewTag(body), caller.sessionId)),
    ),
    userEndpoint(
      {
        ...ONE,
        method: 'get',
        summary: 'Returns a tag with the number of its books.',
        answers: { 200: Tag },
        errors: ['not_found'],
      },
      ({ caller, params }) => presentTag(tags.get(caller.userId, params.tag_id)),
    ),
    userEndpoint(
      {
        ...ONE,
        method: 'patch',
        summary: 'Changes what is given of a tag.',
        body: json(UpdateTagRequest),
        answers: { 200: Tag },
        errors: ['not_found', 'conflict'],
      },
      ({ caller, params, body }) =>
        presentTag(tags.change(caller.userId, params.tag_id, acceptTagChange(body), caller.sessionId)),
    ),
    userEndpoint(
      {
        ...ONE,
        method: 'delete',
        summary: 'Takes a tag off every book and removes it.',
        errors: ['not_found'],
      },
      ({ caller, params }) => tags.remove(caller.userId, params.tag_id, caller.sessionId),
    ),
    userEndpoint(
      {
        ...TAGS,
        method: 'get',
        path: '/tags/{tag_id}/books',
        summary: 'Lists the books with a tag.',
        params: TagParams,
        query: TagBooksQuery,
        answers: { 200: BookList },
        errors: ['not_found'],
        cached: true,
      },
      ({ caller, params, query, req }) => {
        const { tagId } = tags.get(caller.userId, params.tag_id);
        const { page, limit } = query;
        const list = books.list(
          { ownerId: caller.userId, tagId },
          { page, limit, sorts: acceptSort(query.sort) },
        );
        return presentBooks(list, query, linkBase(req));
      },
    ),
    userEndpoint(
      { ...OF_BOOK, method: 'get', summary: "Lists a book's tags.", errors: ['not_found'] },
      ({ caller, params }) => ({ tags: books.get(caller.userId, params.book_id).tags.map(presentTag) }),
    ),
    userEndpoint(
      {
        ...OF_BOOK,
        method: 'put',
        summary: 'Gives a book these tags and no other.',
        body: json(SetBookTagsRequest),
        errors: ['not_found'],
      },
      ({ caller, params, body }) => {
        tags.setOfBook(caller.userId, params.book_id, body.tag_ids, caller.sessionId);
        return { tags: books.get(caller.userId, params.book_id).tags.map(presentTag) };
      },
    ),
  ];
}
