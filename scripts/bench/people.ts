// A server twenty people share: one of them has a large library, the others small ones.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createRegistration } from '../../server/accounts/registration.ts';
import { createUsers } from '../../server/accounts/users.ts';
import { systemClock } from '../../server/base/clock.ts';
import { createEvents } from '../../server/base/events.ts';
import { derivedId } from '../../server/base/ids.ts';
import type { Catalogue } from '../../server/catalogue/catalogue.ts';
import { openCatalogue } from '../../server/catalogue/open.ts';
import { bookTags, notes, shelfBooks, shelves, tags } from '../../server/catalogue/schema/index.ts';
import { addBooks } from './library.ts';
import type { Program } from './program.ts';
import { expectStatus } from './steps.ts';
import type { Bench } from './steps.ts';
import { createDice } from './words.ts';

const PEOPLE = 20;
const BOOKS_OF_OTHERS = 500;
const TAGS = 40;
const SHELVES = 20;
const NOTES = 1_000;
const madeAt = new Date('2026-01-01T12:00:00Z');

/** Who has the large library. */
export const READER = { email: 'reader@example.org', password: 'Correct-Horse-7' };

export const tagId = (index: number): string => derivedId('bench', 'tag', String(index % TAGS));
export const shelfId = (index: number): string => derivedId('bench', 'shelf', String(index % SHELVES));
export const seriesId = (index: number): string =>
  derivedId('bench', 'series', '0', String((index % 100) * 4));
export const bookId = (place: number): string => derivedId('bench', 'book', String(place));

/** Returns the data folder of twenty people, of whom one has that many books; made once. */
export async function sharedServer({ scratch }: Bench, count: number): Promise<string> {
  const dataDir = join(scratch, `people-${count}`);
  if (existsSync(dataDir)) return dataDir;
  mkdirSync(dataDir, { mode: 0o700 });
  const catalogue = openCatalogue({ dataDir, clock: systemClock, events: createEvents() });
  try {
    const registration = createRegistration({ catalogue, clock: systemClock });
    const users = createUsers({ catalogue, clock: systemClock, registration });
    const reader = await users.claim({ ...READER, displayName: 'Reader' });
    registration.openForAnHour();
    addBooks(catalogue, reader.userId, { count });
    addOrder(catalogue, reader.userId, count);
    for (let other = 1; other < PEOPLE; other += 1) {
      const user = { email: `${other}@example.org`, password: READER.password, displayName: `${other}` };
      const { userId } = await users.register(user);
      addBooks(catalogue, userId, {
        count: BOOKS_OF_OTHERS,
        first: count + (other - 1) * BOOKS_OF_OTHERS,
      });
    }
  } finally {
    catalogue.close();
  }
  return dataDir;
}

/** What a person does to books: shelves, tags, notes, and a word of their own for every field lists are narrowed by. */
function addOrder(catalogue: Catalogue, ownerId: string, count: number): void {
  const dice = createDice(7);
  const times = { createdAt: madeAt, updatedAt: madeAt };
  const places = Array.from({ length: count }, (_, place) => place);
  catalogue.write({ durable: false }, (db) => {
    for (let index = 0; index < TAGS; index += 1) {
      db.insert(tags).values({ tagId: tagId(index), ownerId, name: `${dice.words(1)} ${index}`, color: '#336699', ...times }).run(); // prettier-ignore
    }
    for (let index = 0; index < SHELVES; index += 1) {
      db.insert(shelves).values({ shelfId: shelfId(index), ownerId, name: `${dice.words(1)} ${index}`, ...times }).run(); // prettier-ignore
    }
    for (const place of places) {
      const book = { bookId: bookId(place), addedAt: madeAt };
      db.insert(bookTags).values({ ...book, tagId: tagId(place) }).run(); // prettier-ignore
      if (place % 3 === 0) db.insert(bookTags).values({ ...book, tagId: tagId(place * 7 + 1) }).onConflictDoNothing().run(); // prettier-ignore
      if (place % 2 === 0) db.insert(shelfBooks).values({ ...book, shelfId: shelfId(place / 2), sortOrder: place }).run(); // prettier-ignore
    }
    for (let index = 0; index < NOTES; index += 1) {
      db.insert(notes).values({
        noteId: derivedId('bench', 'note', String(index)), ownerId, bookId: bookId(index * 3),
        title: dice.words(4), content: dice.words(40), ...times,
      }).run(); // prettier-ignore
    }
    db.$client
      .prepare(
        `update books set
           status = case abs(random()) % 6 when 0 then 'in_progress' when 1 then 'paused' when 2 then 'completed' when 3 then 'abandoned' else 'not_started' end,
           rating = nullif(abs(random()) % 6, 0),
           progress = (abs(random()) % 1000) / 1000.0,
           page_count = 50 + abs(random()) % 900,
           is_favorite = abs(random()) % 8 = 0,
           is_physical = abs(random()) % 10 = 0,
           added_at = added_at - abs(random()) % 30000000000,
           last_read_at = case when abs(random()) % 3 = 0 then added_at - abs(random()) % 30000000000 end,
           started_at = case when abs(random()) % 3 = 0 then added_at - abs(random()) % 30000000000 end,
           completed_at = case when abs(random()) % 5 = 0 then added_at - abs(random()) % 30000000000 end,
           custom_metadata = case when abs(random()) % 10 = 0 then '{"shop":"corner","price":12}' else '{}' end
         where owner_id = ?`,
      )
      .run(ownerId);
  });
}

/** Signs the reader in; returns the headers of their requests. Throws when the program does not let them in. */
export async function signIn(program: Program): Promise<Record<string, string>> {
  const response = await fetch(`${program.url}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(READER),
  });
  expectStatus({ status: response.status, tookMs: 0, etag: undefined, bytes: 0 }, 200);
  const { access_token: token } = (await response.json()) as { access_token: string };
  return { authorization: `Bearer ${token}` };
}
