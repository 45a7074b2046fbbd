// The Papyrus API: its endpoints in one list, and the face they are mounted with.
import type { Tokens } from '../../accounts/tokens.ts';
import type { Users } from '../../accounts/users.ts';
import type { AnswerCache } from '../../http/answer-cache.ts';
import type { Endpoint, Face } from '../../http/endpoint.ts';
import type { FaceDescription } from '../../http/openapi.ts';
import type { RateLimit } from '../../http/rate-limit.ts';
import type { Books } from '../../library/books.ts';
import { accountEndpoints } from './accounts.ts';
import { annotationEndpoints } from './annotations.ts';
import type { AnnotationParts } from './annotations.ts';
import { authenticate } from './auth.ts';
import type { PapyrusAccess, PapyrusCaller } from './auth.ts';
import { bookmarkEndpoints } from './bookmarks.ts';
import { bookEndpoints } from './books.ts';
import { PAPYRUS_STATUS, refuse } from './errors.ts';
import { noteEndpoints } from './notes.ts';
import { ErrorAnswer, papyrus } from './schemas/shared.ts';

export type PapyrusParts = {
  users: Users;
  tokens: Tokens;
  books: Books;
  attempts: RateLimit;
  origin: () => string;
} & AnnotationParts &
  Parameters<typeof noteEndpoints>[0] &
  Parameters<typeof bookmarkEndpoints>[0];
export type PapyrusEndpoint = Endpoint<PapyrusCaller, PapyrusAccess>;

/** Returns every endpoint of the API, as a table of contents. */
export const papyrusEndpoints = (parts: PapyrusParts): PapyrusEndpoint[] =>
  [
    ...accountEndpoints(parts),
    ...bookEndpoints(parts),
    ...annotationEndpoints(parts),
    ...noteEndpoints(parts),
    ...bookmarkEndpoints(parts),
  ] as PapyrusEndpoint[];

/** Returns what the machinery needs to serve them. */
export const papyrusFace = (parts: {
  tokens: Tokens;
  cache: AnswerCache;
  checkAnswers: boolean;
}): Face<PapyrusCaller, PapyrusAccess> => ({
  authenticate: (req, access) => authenticate(req, access, parts.tokens),
  envelope: (answer) => answer,
  refuse,
  cacheScope: (caller) => `papyrus ${caller?.userId ?? ''}`,
  cache: parts.cache,
  checkAnswers: parts.checkAnswers,
});

/** Returns what its API page says of it. */
export const papyrusDescription = (version: string): FaceDescription => ({
  title: 'Papyrus Server API',
  description: 'Accounts and books for the Papyrus apps. Also served under /v1.',
  version,
  basePath: '/api/v1',
  components: papyrus,
  errorSchema: ErrorAnswer,
  statusOf: PAPYRUS_STATUS,
  security: { public: undefined, user: { bearer: [] } },
  securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
  wrap: (payload) => payload,
});
