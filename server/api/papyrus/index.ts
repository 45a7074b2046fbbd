// The Papyrus API as one face: its areas in one list, who calls it, and what its document says.
import type { StreamTokens } from '../../accounts/stream-tokens.ts';
import type { Tokens } from '../../accounts/tokens.ts';
import type { AnswerCache } from '../../http/answer-cache.ts';
import type { Endpoint } from '../../http/endpoint.ts';
import { mountOf } from '../../http/face.ts';
import type { Face } from '../../http/face.ts';
import type { LinkBase } from '../../http/links.ts';
import type { FaceDescription } from '../../http/openapi.ts';
import { neighbourhoodOf } from '../../http/addresses.ts';
import { countRequest } from '../../http/rate-limit.ts';
import type { Limits } from '../../http/rate-limit.ts';
import { accountEndpoints } from './accounts/endpoints.ts';
import { annotationExportEndpoints } from './marks/export.ts';
import { annotationEndpoints } from './marks/annotations.ts';
import { authenticate, authenticateListener } from './auth.ts';
import type { PapyrusAccess, PapyrusCaller, StreamAccess, StreamCaller } from './auth.ts';
import { bookBatchEndpoints } from './books/batches.ts';
import { bookEndpoints } from './books/endpoints.ts';
import { bookmarkEndpoints } from './marks/bookmarks.ts';
import { coverEndpoints } from './books/covers.ts';
import { fileEndpoints } from './files/endpoints.ts';
import { exportEndpoints } from './exports/endpoints.ts';
import { goalEndpoints } from './reading/goals.ts';
import { progressEndpoints } from './reading/progress.ts';
import { PAPYRUS_STATUS, presentError, refuse } from './errors.ts';
import { metadataEndpoints } from './metadata/endpoints.ts';
import { noteEndpoints } from './marks/notes.ts';
import { metadataServerEndpoints } from './metadata/server.ts';
import { savedFilterEndpoints } from './shelves/saved-filters.ts';
import { profileEndpoints } from './profiles/endpoints.ts';
import { searchEndpoints } from './search/endpoints.ts';
import { mediaEndpoints } from './files/media.ts';
import { ErrorAnswer, papyrus } from './shared-schemas.ts';
import { seriesEndpoints } from './shelves/series.ts';
import { shelfEndpoints } from './shelves/endpoints.ts';
import { tagEndpoints } from './shelves/tags.ts';
import { signInEndpoints } from './accounts/sign-in.ts';
import { syncEndpoints } from './sync/endpoints.ts';
import { storageEndpoints } from './files/storage.ts';
import { streamAccountEndpoints, streamEndpoints } from './sync/stream.ts';
import type { StreamParts } from './sync/stream.ts';
import { letterPages } from './accounts/letter-pages.ts';
import type { LetterPageParts } from './accounts/letter-pages.ts';
import { refuseForeignSignIns } from '../../http/origins.ts';
import type { OwnOrigins } from '../../http/origins.ts';
import type { View } from '../../http/serve.ts';

/** Every area of the API, as a table of contents. */
const AREAS = [
  accountEndpoints,
  signInEndpoints,
  metadataServerEndpoints,
  bookEndpoints,
  bookBatchEndpoints,
  shelfEndpoints,
  tagEndpoints,
  seriesEndpoints,
  profileEndpoints,
  coverEndpoints,
  fileEndpoints,
  mediaEndpoints,
  storageEndpoints,
  metadataEndpoints,
  annotationEndpoints,
  annotationExportEndpoints,
  noteEndpoints,
  bookmarkEndpoints,
  progressEndpoints,
  goalEndpoints,
  savedFilterEndpoints,
  exportEndpoints,
  syncEndpoints,
  searchEndpoints,
  streamAccountEndpoints,
] as const;

type Area = (typeof AREAS)[number];
type All<Union> = (Union extends unknown ? (each: Union) => void : never) extends (all: infer Every) => void
  ? Every
  : never;

/** What all areas together need. */
type PapyrusParts = All<Parameters<Area>[0]>;
type PapyrusEndpoint = Endpoint<PapyrusCaller, PapyrusAccess>;

type Own = {
  tokens: Tokens;
  streamTokens: StreamTokens;
  cache: AnswerCache;
  limits: Limits;
  linkBase: LinkBase;
  /** Where the links of letters lead. */
  letterBase: LinkBase;
  ownOrigins: OwnOrigins;
  /** Hosts whose pages may sign people in besides our own. */
  signInHosts: readonly string[];
  checkAnswers: boolean;
  version: string;
};

/** Returns the face: the API, the stream at the root of the server, and the pages letters lead to. */
export function createPapyrus(parts: PapyrusParts & LetterPageParts & StreamParts & Own): Face {
  const { ownOrigins: own, signInHosts: hosts } = parts;
  const stream = streamEndpoints(parts);
  const listeners = streamView(parts);
  return {
    name: 'papyrus',
    audience: 'everybody',
    mounts: [
      mountOf(
        ['/api/v1', '/v1'],
        AREAS.flatMap((area) => area(parts) as PapyrusEndpoint[]),
        papyrusView(parts),
        refuseForeignSignIns({ own, hosts }),
      ),
      // Where clients of the stream look for it.
      mountOf(['/sync'], stream.listen, listeners),
      mountOf(['/write-checkpoint2.json'], stream.checkpoint, listeners),
    ],
    present: presentError,
    openToOrigins: true,
    pages: letterPages({ ...parts, linkBase: parts.letterBase }),
    description: papyrusDescription(parts.version),
  };
}

const papyrusView = (parts: Own): View<PapyrusCaller, PapyrusAccess> => ({
  authenticate: (req, access) => authenticate(req, access, parts.tokens),
  // Attempts count per address and route, everything else per person (papyrus.md "Limits").
  count: ({ limit = 'general', method, path }, caller, req, res) =>
    countRequest(
      parts.limits[limit],
      limit === 'authentication'
        ? `${neighbourhoodOf(req.ip)} ${method} ${path}`
        : (caller?.userId ?? neighbourhoodOf(req.ip)),
      res,
    ),
  envelope: (answer) => answer,
  refuse,
  cacheScope: (caller, req) => `papyrus ${caller?.userId ?? ''} ${parts.linkBase(req)}`,
  cache: parts.cache,
  checkAnswers: parts.checkAnswers,
});

const streamView = (parts: Own): View<StreamCaller, StreamAccess> => ({
  authenticate: (req) => authenticateListener(req, parts.streamTokens),
  envelope: (answer) => answer,
  refuse,
  cacheScope: (caller) => `stream ${caller.userId}`,
  cache: parts.cache,
  checkAnswers: parts.checkAnswers,
});

/** What its document says of it. */
const papyrusDescription = (version: string): FaceDescription => ({
  title: 'Papyrus Server API',
  description:
    'Accounts and books for the Papyrus apps. Also served under /v1; the stream of books is at the root of the server.',
  version,
  basePath: '/api/v1',
  components: papyrus,
  errorSchema: ErrorAnswer,
  statusOf: PAPYRUS_STATUS,
  always: ['rate_limited', 'unavailable'],
  security: {
    public: undefined,
    user: [{ bearer: [] }],
    link: [{ bearer: [] }, { signature: [] }],
    stream: [{ streamToken: [] }],
  },
  securitySchemes: {
    bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
    signature: {
      type: 'apiKey',
      in: 'query',
      name: 'sig',
      description: 'The signature of a link, together with exp.',
    },
    streamToken: {
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description: 'From POST /auth/powersync-token; "Token" will do for "Bearer".',
    },
  },
  wrap: (payload) => payload,
});
