// Schemas of the KoShelf API (koshelf.md "Answers"). Optional fields are left out when there is nothing to say.
import { z } from 'zod';
import { isDay } from '../../base/days.ts';
import { listOfWords } from '../../http/openapi-parameters.ts';
import { inDialects } from './dialect.ts';

export const koshelf = z.registry<{ id: string }>();

const Instant = z.string().describe('RFC 3339');
const Day = z.string().describe('YYYY-MM-DD');
const ContentType = z.enum(['book', 'comic']);
const Status = z.enum(['reading', 'complete', 'abandoned', 'unknown']);

export const ErrorAnswer = z
  .object({
    error: z.object({
      code: z.string(),
      message: z.string(),
      details: z.record(z.string(), z.unknown()).optional(),
    }),
  })
  .register(koshelf, { id: 'Error' });

export const Site = z
  .object({
    title: z.string(),
    language: z.string(),
    capabilities: z.object({
      has_books: z.boolean(),
      has_comics: z.boolean(),
      has_reading_data: z.boolean(),
      has_files: z.boolean(),
      auth_enabled: z.boolean(),
      has_writeback: z.boolean(),
    }),
    auth: z
      .object({ authenticated: z.boolean(), password_policy: z.object({ min_chars: z.int() }) })
      .optional(),
  })
  .register(koshelf, { id: 'Site' });

/** A query value with the message KoShelf gives for others. */
const oneOf = <const Values extends readonly [string, ...string[]]>(name: string, values: Values) =>
  z.enum(values, `${name} must be one of: ${values.join(', ')}`);

export const SCOPES = ['all', 'books', 'comics'] as const;
const SORTS = ['title', 'author', 'status', 'progress', 'rating', 'annotations', 'last_open_at'] as const;

export const ItemsQuery = z.object({
  scope: oneOf('scope', SCOPES).default('all'),
  sort: oneOf('sort', SORTS).default('title'),
  order: oneOf('order', ['asc', 'desc']).optional().describe('asc for title, author and status, else desc'),
});

const itemFields = {
  id: z.uuid(),
  title: z.string(),
  authors: z.array(z.string()),
  series: z.object({ name: z.string(), index: z.string().optional() }).optional(),
  status: Status,
  progress_percentage: z
    .number()
    .optional()
    .meta(
      inDialects(
        { minimum: 0, maximum: 100, description: '0–100' },
        { minimum: 0, maximum: 1, description: '0–1' },
      ),
    ),
  rating: z.int().min(1).max(5).optional(),
};
const itemTail = { cover_url: z.string(), content_type: ContentType };

export const Item = z
  .object({ ...itemFields, annotation_count: z.int(), ...itemTail })
  .register(koshelf, { id: 'Item' });
export const ItemsAnswer = z.object({ items: z.array(Item) }).register(koshelf, { id: 'Items' });

export const ItemParams = z.object({ id: z.string() });

const INCLUDES = [
  'highlights',
  'bookmarks',
  'statistics',
  'completions',
  'reader_presentation',
  'chapters',
] as const;

/**
 * `a, b` as a list of known words, each once and in their own order: the same for the same wish, so that it can name a
 * kept answer. The word for all, where there is one, ends the list, as KoShelf reads it.
 */
export const includeList = <const Words extends readonly string[]>(words: Words, everything?: string) =>
  z
    .string()
    .max(1_000)
    .optional()
    .transform((list, context): readonly Words[number][] => {
      const wanted = new Set<string>();
      for (const token of (list ?? '').split(',').map((word) => word.trim())) {
        if (token === '') continue;
        if (token === everything) return words;
        if (!words.includes(token)) {
          const valid = [...words, ...(everything === undefined ? [] : [everything])].join(', ');
          context.addIssue(`unknown include token '${token}'; valid tokens are: ${valid}`);
          return z.NEVER;
        }
        wanted.add(token);
      }
      return words.filter((word) => wanted.has(word));
    })
    .meta(listOfWords(everything === undefined ? words : [...words, everything], { least: 0 }));
export const ItemQuery = z.object({
  include: includeList(INCLUDES, 'all').describe('Nothing more unless given'),
});

const annotationFields = {
  id: z.uuid(),
  chapter: z.string().optional(),
  datetime: Instant.optional(),
  datetime_updated: z.string().optional().describe('As the device wrote it, without a zone'),
  pageno: z.int().optional(),
  text: z.string().optional(),
  note: z.string().optional(),
  pos0: z.string().optional(),
  pos1: z.string().optional(),
  color: z.string().optional(),
  drawer: z.string().optional(),
};
export const Annotation = z.object(annotationFields).register(koshelf, { id: 'Annotation' });

const COLORS = ['red', 'orange', 'yellow', 'green', 'olive', 'cyan', 'blue', 'purple', 'gray'] as const;
const DRAWERS = ['lighten', 'underscore', 'strikeout', 'invert'] as const;

/** A query value that may be there once. */
const once = (name: string) => z.string(`${name} must be given once`);
const wholeNumber = (name: string, most: number) => {
  const refusal = `${name} must be a whole number from 1 to ${most}`;
  return once(name)
    .regex(/^\d{1,9}$/, refusal)
    .transform(Number)
    .pipe(z.int().min(1, refusal).max(most, refusal));
};
/** A day, or a moment as answers give them at the ends of ranges: its own date is meant, whatever zone it is told in. */
const INSTANT = /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;
export const dayIn = (text: string): string => INSTANT.exec(text)?.[1] ?? text;

/** What such a value says of itself. */
export const dayOrMoment = (description: string) => ({
  description,
  type: undefined,
  anyOf: [
    { type: 'string' as const, format: 'date' },
    { type: 'string' as const, format: 'date-time' },
  ],
});

const day = (name: string) =>
  once(name).transform(dayIn).refine(isDay, `'${name}' must be a valid date in YYYY-MM-DD format`);
const SEARCH_MAX = 200;
/** A UUID, or KoShelf's own id: the checksum KOReader knows a file by. */
const ITEM_ID = /^([0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32})$/;

export const AnnotationsQuery = z
  .object({
    q: once('q')
      .max(SEARCH_MAX, `q must have at most ${SEARCH_MAX} characters`)
      .optional()
      .describe(
        'Words that must all occur in text, note or chapter, or in title or authors of the item; case and accents do not matter',
      ),
    scope: oneOf('scope', SCOPES).default('all'),
    type: oneOf('type', ['highlight', 'bookmark']).optional(),
    item_id: once('item_id').regex(ITEM_ID, 'item_id must be the id of an item').optional(),
    color: oneOf('color', COLORS).optional(),
    drawer: oneOf('drawer', DRAWERS).optional(),
    has_note: oneOf('has_note', ['true', 'false']).optional(),
    from: day('from').optional().meta(dayOrMoment('The first day, or a moment of it')),
    to: day('to').optional().meta(dayOrMoment('The last day, or a moment of it')),
    sort: oneOf('sort', ['created', 'updated', 'item'])
      .default('created')
      .describe('item is by title, then in the order of the text whatever the order'),
    order: oneOf('order', ['asc', 'desc']).optional().describe('asc for item, else desc'),
    page: wholeNumber('page', 999_999_999).default(1).describe('From 1'),
    limit: wholeNumber('limit', 100).default(20).describe('1 to 100'),
  })
  .refine(
    ({ from, to }) => from === undefined || to === undefined || from <= to,
    "'from' must be less than or equal to 'to'",
  );

export const AnnotationsAnswer = z
  .object({
    annotations: z.array(
      z.object({
        ...annotationFields,
        type: z.enum(['highlight', 'bookmark']),
        item: z.object({
          id: z.uuid(),
          title: z.string(),
          authors: z.array(z.string()),
          cover_url: z.string(),
        }),
      }),
    ),
    pagination: z.object({
      page: z.int(),
      limit: z.int(),
      total: z.int(),
      total_pages: z.int().describe('0 when the list is empty'),
      has_next: z.boolean(),
      has_prev: z.boolean(),
    }),
  })
  .register(koshelf, { id: 'Annotations' });

const Seconds = z.number().describe('Seconds');

export const ItemAnswer = z
  .object({
    item: z.object({
      ...itemFields,
      annotation_count: z
        .int()
        .optional()
        .meta(inDialects({ needed: true }, undefined)),
      ...itemTail,
      format: z.string(),
      language: z.string().optional(),
      publisher: z.string().optional(),
      description: z.string().optional().describe('Sanitised HTML'),
      review_note: z.string().optional(),
      pages: z.int().optional(),
      search_base_path: z.string(),
      subjects: z.array(z.string()),
      identifiers: z.array(
        z.object({
          scheme: z.string(),
          value: z.string(),
          display_scheme: z.string(),
          url: z.string().optional(),
        }),
      ),
      has_metadata: z.boolean(),
    }),
    highlights: z.array(Annotation).optional(),
    bookmarks: z.array(Annotation).optional(),
    statistics: z
      .object({
        item_stats: z.object({
          notes: z.int().optional(),
          last_open_at: Instant.optional(),
          highlights: z.int().optional(),
          bookmarks: z.int().optional(),
          pages: z.int().optional(),
          total_reading_time_sec: Seconds.optional(),
        }),
        session_stats: z
          .object({
            session_count: z.int(),
            average_session_duration_sec: Seconds.optional(),
            longest_session_duration_sec: Seconds.optional(),
            last_read_date: Day.optional(),
            reading_speed: z.number().optional().describe('Pages an hour'),
          })
          .optional(),
      })
      .optional(),
    completions: z
      .object({
        entries: z.array(
          z.object({
            start_date: Day,
            end_date: Day,
            reading_time_sec: Seconds,
            session_count: z.int(),
            pages_read: z.int(),
          }),
        ),
        total_completions: z.int(),
        last_completion_date: Day.optional(),
      })
      .optional(),
    reader_presentation: z
      .object({
        font_face: z.string().optional(),
        font_size_pt: z.number().optional(),
        line_spacing_percentage: z.number().optional(),
        horizontal_margins: z.array(z.number()).optional(),
        top_margin: z.number().optional(),
        bottom_margin: z.number().optional(),
        embedded_fonts: z.boolean().optional(),
        hyphenation: z.boolean().optional(),
        floating_punctuation: z.boolean().optional(),
        word_spacing: z.array(z.number()).optional(),
      })
      .optional(),
    chapters: z.array(z.object({ title: z.string(), position: z.number().describe('0–1') })).optional(),
  })
  .register(koshelf, { id: 'ItemDetail' });

export const AnnotationParams = z.object({ id: z.string(), annotation_id: z.string() });

const NOT_AN_OBJECT = 'the request body must be a JSON object';
const RATING = 'rating must be between 0 and 5 (0 clears the rating)';

export const ItemChange = z
  .object(
    {
      review_note: z
        .string('review_note must be a string or null')
        .nullish()
        .describe('null or blanks clear it'),
      rating: z.int(RATING).min(0, RATING).max(5, RATING).nullish().describe('0 or null clears it'),
      status: oneOf('status', ['reading', 'complete', 'abandoned'])
        .nullish()
        .describe('null leaves it as it is'),
    },
    NOT_AN_OBJECT,
  )
  .register(koshelf, { id: 'ItemChange' });

export const AnnotationChange = z
  .object(
    {
      note: z.string('note must be a string or null').nullish().describe('null or blanks clear it'),
      color: oneOf('color', COLORS).nullish(),
      drawer: oneOf('drawer', DRAWERS).nullish(),
    },
    NOT_AN_OBJECT,
  )
  .register(koshelf, { id: 'AnnotationChange' });

export const PageActivityQuery = z.object({
  completion: z
    .string()
    .default('all')
    .refine(
      (value) => value === 'all' || /^\d{1,9}$/.test(value),
      "completion must be 'all' or a non-negative integer index",
    )
    .transform((value) => (value === 'all' ? undefined : Number(value)))
    .meta({ description: 'all, or the index of a completion from 0', pattern: '^(all|\\d{1,9})$' }),
});

export const PageActivity = z
  .object({
    total_pages: z.int(),
    pages: z.array(z.object({ page: z.int(), total_duration: Seconds, read_count: z.int() })),
    annotations: z.array(z.object({ page: z.int(), kind: z.enum(['highlight', 'bookmark', 'note']) })),
  })
  .register(koshelf, { id: 'PageActivity' });

export const LoginRequest = z
  .object({ password: z.string().max(4_096) })
  .register(koshelf, { id: 'LoginRequest' });
export const Ok = z.object({ ok: z.literal(true) }).register(koshelf, { id: 'Ok' });
export const PasswordChange = z
  .object({
    current_password: z.string(),
    new_password: z.string().meta({ description: '8 to 1024 characters', minLength: 8, maxLength: 1024 }),
  })
  .register(koshelf, { id: 'PasswordChange' });
export const SessionParams = z.object({ session_id: z.string().max(200) });
export const SessionList = z
  .array(
    z.object({
      id: z.string(),
      user_agent: z.string().nullable(),
      browser: z.string().describe('Name and major version, or "Unknown browser"'),
      os: z.string().describe('Name, or "Unknown OS"'),
      last_seen_ip: z.string().nullable(),
      created_at: Instant,
      last_seen_at: Instant.describe('RFC 3339; noted at most once a minute from the same address'),
      is_current: z.boolean(),
    }),
  )
  .register(koshelf, { id: 'SessionList' });
export const Health = z
  .object({ status: z.literal('healthy'), version: z.string() })
  .register(koshelf, { id: 'Health' });

export const CoverParams = z.object({ file: z.string().max(200) });
export const CoverQuery = z.object({
  v: z
    .string()
    .max(64)
    .optional()
    .describe('Which picture is meant: while it is that one, it may be kept for a year'),
});
