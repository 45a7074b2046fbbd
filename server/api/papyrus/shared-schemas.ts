// Schemas every area of the Papyrus API uses. Names are registered as OpenAPI components.
import { z } from 'zod';
import { listOfWords } from '../../http/openapi-parameters.ts';

export const papyrus = z.registry<{ id: string }>();

export const Instant = z.iso.datetime().describe('RFC 3339, UTC');
export const Uuid = z.guid();

export const ErrorAnswer = z
  .object({
    error: z.object({
      code: z.string().describe('A stable word such as NOT_FOUND.'),
      message: z.string().describe('A sentence for the person.'),
      details: z.record(z.string(), z.unknown()).optional(),
    }),
  })
  .register(papyrus, { id: 'Error' });

export const Pagination = z
  .object({
    page: z.int(),
    limit: z.int(),
    total: z.int(),
    total_pages: z.int().describe('0 when the list is empty'),
    has_next: z.boolean(),
    has_prev: z.boolean(),
  })
  .register(papyrus, { id: 'Pagination' });

/** A whole number in a query, as digits. */
export const wholeNumber = (least: number, most = 999_999_999) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.int().min(least).max(most));

export const PageQuery = {
  page: wholeNumber(1).default(1).describe('From 1.'),
  limit: wholeNumber(1, 100).default(20).describe('1 to 100.'),
};

const MOST_SORTS = 10;

/** Names of fields, separated by commas, in the order they count; a leading - is for descending. */
export const sortOf = (names: readonly string[]) =>
  plainText(400)
    .refine((list) => list.split(',').length <= MOST_SORTS, `must be ${MOST_SORTS} names at most`)
    .meta(
      listOfWords(
        names.flatMap((name) => [name, `-${name}`]),
        { most: MOST_SORTS },
      ),
    );

/** `true` or `false`, nothing else. */
export const QueryFlag = z
  .enum(['true', 'false'])
  .transform((word) => word === 'true')
  .pipe(z.boolean());

/** What is missing or null is as given here. */
export const unless = <Schema extends z.ZodType>(schema: Schema, value: z.output<Schema>) =>
  schema
    .nullable()
    .default(value as z.core.util.NoUndefined<z.output<Schema>>)
    .transform((said): z.output<Schema> => said ?? value);

/** Text as people type it: no NUL, well-formed. */
export const plainText = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^[^\u0000\ud800-\udfff]*$/u, 'must be plain text');
/** The same with something to see in it; what stands around that goes. */
export const requiredText = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^(?=\s*\S)[^\u0000\ud800-\udfff]*$/u, 'must be plain text, and not blank')
    .trim();
