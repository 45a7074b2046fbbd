// The SQL of covers.
import { eq } from 'drizzle-orm';
import type { Db } from '../catalogue/catalogue.ts';
import { bookFiles, books } from '../catalogue/schema/index.ts';

/** Takes a picture that turned out to be none from its books and files. */
export const clearCover = (db: Db, coverHash: string, now: Date): void => {
  db.update(bookFiles).set({ coverHash: null }).where(eq(bookFiles.coverHash, coverHash)).run();
  db.update(books).set({ coverHash: null, updatedAt: now }).where(eq(books.coverHash, coverHash)).run();
};
