// How a query that cannot be understood is refused: a sentence, and the place it is about.
import { invalid } from '../../base/errors.ts';
import type { AppError } from '../../base/errors.ts';

/** Returns the error for what is wrong at a place of the query, counted from 0 in UTF-16 units. */
export const badQuery = (message: string, position: number): AppError =>
  invalid(`The query cannot be read at character ${position + 1}: ${message}`, { details: { position } });
