// Where our document says otherwise than the contract, and why.

export type Difference = {
  why: string;
  /** Matches facts with a sign: + ours alone, - the contract's alone. Each must match one at least. */
  what: readonly RegExp[];
};

const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
/** The fact of each of these operations. */
const each = (operations: string[], fact: string, sign: '+' | '-' = '+'): RegExp[] =>
  operations.map((operation) => new RegExp(`^\\${sign} ${literal(`${operation} ${fact}`)}$`));
/** These operations, with all that is said of them. */
const whole = (...operations: string[]): RegExp[] =>
  operations.map((operation) => new RegExp(`^\\+ ${literal(operation)}(?: .*)?$`));
/** A field or a part of it, whatever type it has on either side. */
const said = (...places: string[]): RegExp[] =>
  places.map((place) => new RegExp(`^[+-] ${literal(place)}(?:: .*)?$`));
/** The bound of fields by these names in every body or query that has them. */
const bound = (limit: string, ...fields: string[]): RegExp[] =>
  fields.map((field) => new RegExp(`^\\+ [A-Z]+ \\S+ (?:<.*\\.|< |\\?)${field} limit: ${limit}$`));

const TOKENS = ['access_token', 'refresh_token', 'token_type', 'expires_in'];
const LISTS_OF_BOOKS = ['/books', '/shelves/{}/books', '/tags/{}/books'];
const MARKS = [
  'PATCH /annotations/{}',
  'DELETE /annotations/{}',
  'PATCH /bookmarks/{}',
  'DELETE /bookmarks/{}',
];

export const DIFFERENCES: readonly Difference[] = [
  // Answers the contract forgets.
  {
    why: 'the query or the body can break a rule, and then the envelope with 400 is the answer',
    what: each(
      [
        ...['/annotations', '/books/{}/annotations', '/books/{}/annotations/export'].map(
          (path) => `GET ${path}`,
        ),
        ...['/notes', '/books/{}/notes', '/goals', '/saved-filters', '/series', '/shelves'].map(
          (path) => `GET ${path}`,
        ),
        ...['/shelves/{}/books', '/tags', '/tags/{}/books'].map((path) => `GET ${path}`),
        ...['/progress/sessions', '/progress/statistics'].map((path) => `GET ${path}`),
        'DELETE /books/{}',
        'DELETE /shelves/{}',
        'DELETE /users/me',
        ...['forgot-password', 'logout', 'refresh', 'resend-verification'].map(
          (word) => `POST /auth/${word}`,
        ),
      ],
      '>400',
    ),
  },
  {
    why: 'a storage backend that is switched off cannot be the primary one',
    what: each(['POST /storage/backends/{}/set-primary'], '>400'),
  },
  {
    why: 'a moment before which nothing is known any more, and a list that is cut, which says so',
    what: [
      ...each(['GET /sync/changes'], '>400'),
      ...said('GET /sync/changes ?limit', 'GET /sync/changes >200.has_more'),
      ...['at least 1', 'at most 10000'].flatMap((limit) =>
        each(['GET /sync/changes'], `?limit limit: ${limit}`),
      ),
    ],
  },
  {
    why: 'the contract names the kinds where they are asked for: those are the ones',
    what: said('GET /sync/changes >200.changes[].entity_type'),
  },
  {
    why: 'lists carry an ETag: who has the same one is told so',
    what: each(
      [
        ...LISTS_OF_BOOKS.map((path) => `GET ${path}`),
        ...['/annotations', '/books/{}/annotations', '/notes', '/books/{}/notes'].map(
          (path) => `GET ${path}`,
        ),
        ...['/books/{}/bookmarks', '/reading-profiles', '/series', '/shelves', '/tags'].map(
          (path) => `GET ${path}`,
        ),
      ],
      '>304',
    ),
  },
  {
    why: 'a disabled account is refused wherever it would get tokens',
    what: each(['POST /auth/oauth/google', 'POST /auth/refresh'], '>403'),
  },
  {
    why: "a file in a person's own folder is not this API's to delete",
    what: each(['DELETE /books/{}/file'], '>403'),
  },
  {
    why: "what KOReader noted of reading stays KOReader's",
    what: each(['DELETE /progress/sessions/{}'], '>403'),
  },
  {
    why: 'names are unique: PATCH can ask for one that is taken, like POST',
    what: each(['PATCH /series/{}', 'PATCH /shelves/{}', 'PATCH /tags/{}'], '>409'),
  },
  {
    why: 'an address that belongs to another account is linked only when both sides have confirmed it',
    what: each(['POST /auth/oauth/google'], '>409'),
  },
  {
    why: 'a mark of KOReader is changed in its sidecar, which may have changed since (409) or be out of reach (503)',
    what: [...each(MARKS, '>409'), ...each(MARKS, '>503')],
  },
  { why: 'a cover can be larger than is taken', what: each(['PUT /books/{}/cover'], '>413') },
  {
    why: 'guessing passwords, codes and links is slowed down',
    what: each(
      [
        'DELETE /users/me',
        'POST /users/me/change-password',
        ...['oauth/google', 'refresh', 'reset-password', 'verify-email'].map((word) => `POST /auth/${word}`),
      ],
      '>429',
    ),
  },
  {
    why: 'the mail server or Google does not answer',
    what: each(
      ['POST /auth/forgot-password', 'POST /auth/resend-verification', 'POST /auth/oauth/google'],
      '>503',
    ),
  },
  {
    why: 'the disk is full or the address with the cover does not answer',
    what: each(['POST /files/upload', 'PUT /books/{}/cover'], '>503'),
  },
  {
    why: 'a PDF of all marks takes its turn, and the line can be full',
    what: each(['POST /annotations/export', 'GET /books/{}/annotations/export'], '>503'),
  },
  {
    why: 'a storage that holds the only copy of files is not forgotten',
    what: each(['DELETE /storage/backends/{}'], '>409'),
  },
  {
    why: 'a shelf or a book that is asked for by its id may not be there',
    what: each(['POST /export/books', 'POST /export/library'], '>404'),
  },

  {
    why: 'what any operation can answer: a path that is none, too much of it, another type, too often, not now',
    what: [
      /^\+ [A-Z]+ \S*\{\}\S* >400$/,
      ...[413, 415].map((status) => new RegExp(`^\\+ (?:POST|PUT|PATCH|DELETE) \\S+ >${status}$`)),
      ...[429, 503].map((status) => new RegExp(`^\\+ [A-Z]+ \\S+ >${status}$`)),
    ],
  },
  {
    why: 'covers are sent in parts and on condition, like files',
    what: ['206', '304', '412', '416'].map(
      (status) => new RegExp(`^\\+ GET /books/\\{\\}/cover >${status}(?: .*)?$`),
    ),
  },
  {
    why: 'a library as JSON has its schema, like the answers that are not files',
    what: [
      ...said('POST /export/library >200'),
      /^\+ POST \/export\/library >200\.[\w.]+: .*$/,
      ...said('POST /annotations/export >200', 'GET /books/{}/annotations/export >200'),
    ],
  },
  {
    why: 'the keys every kind of storage has',
    what: ['POST /storage/backends', 'PATCH /storage/backends/{}'].flatMap((operation) => [
      ...said(`${operation} <.connection_config`, `${operation} <.credentials`),
      new RegExp(`^\\+ ${literal(operation)} <\\.(?:connection_config|credentials)\\.\\w+: .*$`),
    ]),
  },
  {
    why: 'what books are sorted by is a list of words',
    what: said(...LISTS_OF_BOOKS.map((path) => `GET ${path} ?sort`)),
  },

  // Where the contract is contradicted by itself or by what is decided.
  {
    why: 'registering signs in at once, unless e-mail addresses must be confirmed first',
    what: [
      ...said(...TOKENS.map((field) => `POST /auth/register >201.${field}`)),
      /^\+ POST \/auth\/register >201\.user\.\w+: .*$/,
    ],
  },
  {
    why: 'once a server has an owner, people come by their invitation',
    what: said(
      'POST /auth/register <.invitation',
      'POST /auth/register <.invitation limit',
      'POST /auth/register >403',
    ),
  },
  {
    why: 'a change whose id is none is named as it was sent',
    what: said('POST /sync/changes >200.rejected[].entity_id'),
  },
  {
    why: 'apps say what they are and what the device is called',
    what: ['login', 'register', 'oauth/google'].flatMap((word) =>
      said(`POST /auth/${word} <.client_type`, `POST /auth/${word} <.device_label`),
    ),
  },
  {
    why: 'the only type of token there is',
    what: said(...['login', 'refresh', 'oauth/google'].map((word) => `POST /auth/${word} >200.token_type`)),
  },
  {
    why: 'FB2 is read here too, and a format is one of those that are',
    what: [
      ...said(...LISTS_OF_BOOKS.map((path) => `GET ${path} >200.books[].file_format`)),
      ...said('GET /books/{} >200.file_format', 'PATCH /books/{} >200.file_format'),
      ...said('PUT /books/{}/cover >200.file_format'),
      ...said('POST /books <.file_format', 'POST /books >201.file_format'),
      ...said('POST /books/batch <.books[].file_format', 'POST /books/batch >201.created[].file_format'),
    ],
  },
  {
    why: 'marks can be kept as CSV as well, and as JSON around the text for apps that want that',
    what: [
      ...said('GET /books/{}/annotations/export ?format', 'GET /books/{}/annotations/export ?envelope'),
      ...said('POST /annotations/export <.format', 'POST /annotations/export ?envelope'),
      ...said('GET /books/{}/annotations/export >200 text/csv', 'POST /annotations/export >200 text/csv'),
    ],
  },
  {
    why: 'with dates and no period the dates count; with neither it is the month',
    what: said('GET /progress/statistics ?period'),
  },
  {
    why: "days are a person's, where they are said",
    what: said('GET /progress/statistics ?tz', 'GET /progress/sessions ?tz'),
  },
  {
    why: 'the colour is required and has a default in the contract: the default wins',
    what: said('POST /books/{}/annotations <.highlight_color'),
  },
  {
    why: 'a place is a text, or the part that is read as a number',
    what: said('POST /books/{}/bookmarks <.position'),
  },
  {
    why: 'defaults that are decided and not written there',
    what: said(
      ...['reading_mode', 'text_align', 'theme_mode'].map((field) => `POST /reading-profiles <.${field}`),
    ),
  },
  {
    why: 'a form needs its file and JSON its address: without either there is no cover. The address may be in the query',
    what: said(
      'PUT /books/{}/cover < multipart/form-data.file',
      'PUT /books/{}/cover <.url',
      'PUT /books/{}/cover ?url',
    ),
  },
  {
    why: 'covers keep the format they came in',
    what: said('GET /books/{}/cover >200 image/gif', 'GET /books/{}/cover >200 image/webp'),
  },
  {
    why: 'the list has pages in its answer, so they can be asked for',
    what: [
      ...said('GET /books/{}/notes ?page', 'GET /books/{}/notes ?limit'),
      ...['at least 1', 'at most 100'].flatMap((limit) =>
        each(['GET /books/{}/notes'], `?limit limit: ${limit}`),
      ),
      ...each(['GET /books/{}/notes'], '?page limit: at least 1'),
    ],
  },
  {
    why: 'more to sort and to filter by',
    what: [
      ...said('GET /annotations ?from', 'GET /annotations ?to', 'GET /annotations ?sort'),
      ...said('GET /books/{}/annotations ?sort', 'GET /notes ?sort', 'GET /books/{}/notes ?sort'),
      ...said('GET /tags/{}/books ?sort', 'GET /progress/sessions ?sort'),
      ...said('GET /notes ?is_pinned', 'GET /saved-filters ?is_pinned'),
    ],
  },
  {
    why: 'the books of a shelf can move to another when it goes',
    what: said('DELETE /shelves/{} ?move_books_to'),
  },
  {
    why: 'an upload can say where it is to be kept',
    what: said('POST /files/upload < multipart/form-data.storage_backend_id'),
  },
  {
    why: 'the answer is the backend as well as what was found out about it',
    what: [
      /^\+ POST \/storage\/backends\/\{\}\/test >200\.(?:backend_(?:id|type)|name|base_path|is_(?:primary|active)|connection_status|error_message|storage_(?:used|quota)_bytes|(?:created|updated|last_accessed)_at): .*$/,
    ],
  },

  // Bounds of what the catalogue keeps, where the contract has none.
  {
    why: 'words of a person: as long as the column is',
    what: [
      ...bound('500 characters', 'title', 'subtitle'),
      ...bound('255 characters', 'author', 'co_authors', 'publisher', 'physical_location', 'lent_to'),
      ...bound('255 characters', 'chapter_title', 'device_name', 'device_label'),
      ...bound('100 characters', 'font_family'),
      ...bound('255 characters', 'device_id'),
      ...bound('50 characters', 'entity_type'),
      ...bound('50 characters', 'icon', 'device_type', 'colors', 'color'),
      ...bound('32 characters', 'isbn', 'isbn13'),
      ...bound('16 characters', 'language'),
    ],
  },
  {
    why: 'long texts: longer than anybody writes, short enough to answer',
    what: [
      ...bound('2000 characters', 'description', 'note'),
      ...bound('10000 characters', 'description'),
      ...bound('100000 characters', 'description', 'note', 'selected_text'),
      ...bound('500000 characters', 'content'),
    ],
  },
  {
    why: 'places in a book',
    what: bound('2000 characters', 'start_position', 'end_position', 'current_cfi'),
  },
  {
    why: 'addresses and paths',
    what: [
      ...bound('2048 characters', 'cover_image_url', 'avatar_url', 'url', 'server_url'),
      ...bound('1024 characters', 'base_path'),
      ...bound('1000 characters', 'file_path'),
    ],
  },
  {
    why: 'what is searched for and sorted by',
    what: [
      ...bound('1000 characters', 'query', 'smart_query'),
      ...bound('500 characters', 'search', 'author'),
      ...bound('64 characters', 'tz'),
    ],
  },
  {
    why: 'secrets: a password of more is no password, a token of more is none of ours',
    what: [
      ...bound('1024 characters', 'password', 'current_password', 'new_password'),
      ...bound('320 characters', 'email'),
      ...bound('200 characters', 'token'),
      ...bound('500 characters', 'refresh_token'),
      ...bound('8192 characters', 'id_token', 'auth_token'),
    ],
  },
  {
    why: 'counts are not negative and not endless',
    what: [
      ...bound('at most 999999999', 'page'),
      ...bound('at least 1', 'version'),
      ...bound('at least 0', 'page_count', 'total_books', 'sort_order', 'file_size', 'pages_read'),
      ...bound('at least -1000000', 'series_number'),
      ...bound('at least 0', 'current_page', 'page_number', 'chapter_index'),
      ...bound('at most 1000000', 'page_count', 'series_number', 'total_books', 'sort_order', 'pages_read'),
      ...bound('at most 1000000', 'current_page'),
      ...bound('at most 1000000000', 'page_number', 'chapter_index', 'target_value', 'current_value'),
    ],
  },
  {
    why: 'what a page can be set in: the bounds the contract has on its answer, and the like',
    what: [
      ...bound('at least 8', 'font_size'),
      ...bound('at most 72', 'font_size'),
      ...bound('at least 100', 'font_weight'),
      ...bound('at most 900', 'font_weight'),
      ...bound('at least 1', 'column_count'),
      ...bound('at most 3', 'column_count'),
      ...bound('at least 0', 'line_height', 'paragraph_spacing', 'margin_horizontal', 'margin_vertical'),
      ...bound('at most 100', 'line_height', 'paragraph_spacing', 'letter_spacing'),
      ...bound('at least -100', 'letter_spacing'),
      ...bound('at most 10000', 'margin_horizontal', 'margin_vertical'),
    ],
  },

  // Operations the contract does not have.
  {
    why: 'the same operations under the paths the clients know',
    what: whole(
      ...['annotations', 'notes', 'bookmarks'].flatMap((marks) => [
        `GET /${marks}/books/{}`,
        `POST /${marks}/books/{}`,
      ]),
      'POST /shelves/{}/books/{}',
      'DELETE /shelves/{}/books/{}',
      'POST /storage/backends/set-primary',
      'POST /auth/logout-all',
    ),
  },
  {
    why: 'signing in with Google in a browser, as the apps do it',
    what: whole(
      'GET /auth/oauth/google/start',
      'GET /auth/oauth/google/callback',
      'POST /auth/exchange-code',
      'POST /auth/link/google/start',
      'POST /auth/link/google/complete',
    ),
  },
  {
    why: 'the bytes of files: what a link leads to, what is known of them, and media as the apps send them',
    what: whole(
      'GET /files/download/{}',
      'GET /files/info/{}',
      'DELETE /files/{}',
      'POST /media',
      'GET /media/usage',
      'GET /media/{}',
      'DELETE /media/{}',
    ),
  },
  {
    why: 'the stream of books the apps follow: its settings, its tokens and what devices send back',
    what: whole(
      'GET /sync/settings',
      'POST /sync/powersync-upload',
      'POST /auth/powersync-token',
      'GET /auth/jwks',
      'POST /sync/stream',
      'GET /write-checkpoint2.json',
    ),
  },
  {
    why: 'all bookmarks, and a filter that is used',
    what: whole('GET /bookmarks', 'POST /saved-filters/{}/use'),
  },
  {
    why: 'what this server is, and what it does not do',
    what: whole('GET /', 'GET /acquisition/capabilities'),
  },
  {
    why: 'search in everything, and inside books',
    what: whole('GET /search', 'GET /search/settings', 'PUT /search/settings'),
  },
  {
    why: 'what was settled between devices',
    what: whole('GET /sync/conflicts', 'POST /sync/conflicts/{}/undo'),
  },
  { why: 'what an export has can come back', what: whole('POST /import/library') },
];

/** Whether a fact with its sign is among the differences. */
export const isListed = (difference: string): boolean =>
  DIFFERENCES.some(({ what }) => what.some((each) => each.test(difference)));
