// Files of books: found by their key, opened, claimed by a book, let go. Uploaded ones are the server's to keep and to delete.
import type { Db } from '../catalogue/db.ts';
import { forbidden, invalid, notFound } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Also, Books } from '../library/books.ts';
import type { Covers } from '../library/covers.ts';
import { dropFile, giveFile } from '../library/intake.ts';
import { selectFile } from '../library/intake.queries.ts';
import { mediaTypeOf } from '../formats/formats.ts';
import { StorageError } from '../storage/backend.ts';
import { blobPath } from '../storage/blobs.ts';
import type { Blobs } from '../storage/blobs.ts';
import { selectBackend } from '../storage/backends.queries.ts';
import { isReferencedAt } from '../storage/file-bytes.queries.ts';
import type { Places } from '../storage/places.ts';
import {
  deleteStored,
  selectAllStored,
  selectFolderFile,
  selectStoredById,
  selectStoredOfBooks,
  updateStored,
} from './files.queries.ts';
import type { FileKind, FolderFile, StoredFile } from './files.queries.ts';

/** A file as its owner knows it, uploaded or found in a library folder. */
export type FileRecord = {
  fileId: string;
  ownerId: string;
  bookId: string | null;
  kind: FileKind;
  /** What it is asked for by: its kind, its id, and its name for people, which may change. */
  key: string;
  name: string;
  format: string | null;
  contentType: string;
  sizeBytes: number;
  sha256: string | null;
  backendId: string | null;
  /** Null for a file of a library folder. */
  uploadedAt: Date | null;
};

/** What a client says of the file its new book should have; all of it must be so. */
export type Claim = {
  /** Without it nothing is claimed; the rest is then the client's own note, and only the backend must be theirs. */
  key?: string | undefined;
  format?: string | undefined;
  sizeBytes?: number | undefined;
  sha256?: string | undefined;
  backendId?: string | undefined;
};

/** The key of a book's file, as answers have it. */
export const bookFileKey = (fileId: string, name: string): string => `books/${fileId}/${name}`;

export type Files = ReturnType<typeof createFiles>;

type Parts = {
  catalogue: Catalogue;
  clock: Clock;
  log: Log;
  books: Books;
  covers: Covers;
  places: Places;
  blobs: Blobs;
};

/** Returns the verbs of files. */
export function createFiles({ catalogue, clock, log, books, covers, places, blobs }: Parts) {
  /** By its key, whoever's it is. */
  const findByKey = (db: Db, key: string): FileRecord | undefined => {
    const [, folder, fileId = ''] = /^(books|covers)\/([0-9a-f-]{36})\/[^/]+$/.exec(key) ?? [];
    const found = folder === undefined ? undefined : findById(db, fileId);
    return found?.kind === (folder === 'books' ? 'book_file' : 'cover_image') ? found : undefined;
  };

  /** Removes bytes from where no file has them any more; what lies elsewhere stays there when the place does not answer. */
  async function clear(gone: readonly { ownerId: string; sha256: string; backendId: string | null }[]) {
    for (const { ownerId, sha256, backendId } of gone) {
      const place = places.placeOf(ownerId, backendId);
      const at = place.isOwnDisk ? null : backendId;
      await blobs
        .holding(sha256, async () => {
          if (!catalogue.read((db) => isReferencedAt(db, sha256, at)))
            await place.backend.remove(blobPath(sha256));
        })
        .catch((error: unknown) => {
          if (place.isOwnDisk || !(error instanceof StorageError)) throw error;
          log.warn('a file could not be removed from its place', { backendId, error });
        });
    }
  }

  /** Takes the file out of its book and forgets it; to be called inside a write. */
  function forget(db: Db, file: StoredFile): void {
    dropFile(db, file.ownerId, file.fileId, clock.now());
    if (file.kind === 'cover_image' && file.bookId !== null)
      covers.put(db, file.ownerId, file.bookId, undefined);
    deleteStored(db, file.fileId);
  }

  /** The file that is claimed, undefined when none is. */
  function checkClaim(db: Db, ownerId: string, claim: Claim): FileRecord | undefined {
    if (claim.backendId !== undefined && selectBackend(db, ownerId, claim.backendId) === undefined)
      throw wrongClaim('storage_backend_id', 'There is no such storage backend.');
    if (claim.key === undefined) return undefined;
    const file = findByKey(db, claim.key);
    const isUpload = file?.kind === 'book_file' && file.uploadedAt !== null;
    // What a removed book let go is out of reach.
    if (!isUpload || file.ownerId !== ownerId || selectFile(db, file.fileId) === undefined)
      throw wrongClaim('file_path', 'There is no such uploaded file.');
    if (file.bookId !== null)
      throw wrongClaim('file_path', 'This file belongs to another book already; upload it again.');
    if (claim.sha256 !== undefined && claim.sha256.toLowerCase() !== file.sha256)
      throw wrongClaim('file_hash', 'The uploaded file has another SHA-256.');
    if (claim.sizeBytes !== undefined && claim.sizeBytes !== file.sizeBytes)
      throw wrongClaim('file_size', 'The uploaded file has another size.');
    if (claim.format !== undefined && claim.format !== file.format)
      throw wrongClaim('file_format', 'The uploaded file has another format.');
    return file;
  }

  return {
    clear,
    forget,

    /** Returns one of the person's files. Throws not_found. */
    get(ownerId: string, key: string): FileRecord {
      const found = catalogue.read((db) => findByKey(db, key));
      if (found?.ownerId !== ownerId) throw notFound('file');
      return found;
    },

    /** Returns the file a signed link names: who signed it knew whose it is. Throws not_found. */
    getSigned(key: string): FileRecord {
      const found = catalogue.read((db) => findByKey(db, key));
      if (found === undefined) throw notFound('file');
      return found;
    },

    /** Returns the file of a book to open first. Throws not_found for a book that is not there or has none. */
    ofBook(ownerId: string, bookId: string): FileRecord {
      const [first] = books.files(ownerId, bookId);
      const found = first === undefined ? undefined : catalogue.read((db) => findById(db, first.fileId));
      if (found === undefined) throw notFound('file');
      return found;
    },

    /** Returns every file the person gave to the server. */
    allOf: (ownerId: string): StoredFile[] => catalogue.read((db) => selectAllStored(db, ownerId)),

    /** Returns the picture a book was given, undefined when it has none of its own. */
    coverOf(ownerId: string, bookId: string): FileRecord | undefined {
      const stored = catalogue.read((db) => selectStoredOfBooks(db, [bookId], 'cover_image')).at(-1);
      return stored?.ownerId === ownerId ? recordOfStored(stored) : undefined;
    },

    /**
     * Returns what gives an uploaded file to a new book, for the write that makes the book. The check throws invalid when
     * there is no such file, when it belongs to another book, or is not what the claim says.
     */
    claiming: (ownerId: string, claim: Claim): Also => ({
      check: (db) => void checkClaim(db, ownerId, claim),
      give(db, bookId) {
        const file = checkClaim(db, ownerId, claim);
        if (file === undefined) return;
        updateStored(db, file.fileId, { bookId, releasedAt: null });
        giveFile(db, ownerId, file.fileId, bookId, clock.now());
      },
    }),

    /** Deletes an uploaded file. Throws not_found, forbidden for a file of a library folder. */
    async remove(ownerId: string, key: string): Promise<void> {
      const file = this.get(ownerId, key);
      const stored = catalogue.write({}, (db) => {
        const found = selectStoredById(db, file.fileId);
        if (found !== undefined) forget(db, found);
        return found;
      });
      if (stored === undefined) throw inFolder();
      await clear([stored]);
    },

    /** Deletes the uploaded files of a book. Throws not_found when it has no file, forbidden when a library folder has it. */
    async removeOfBook(ownerId: string, bookId: string): Promise<void> {
      const all = books.files(ownerId, bookId);
      const gone = catalogue.write({}, (db) => {
        const stored = selectStoredOfBooks(db, [bookId], 'book_file');
        for (const file of stored) forget(db, file);
        return stored;
      });
      if (gone.length === 0) throw all.length === 0 ? notFound('file') : inFolder();
      await clear(gone);
    },

    /** Runs `remove`, which removes these books, and deletes the files they were given with them. */
    async removeWith<T>(ownerId: string, bookIds: readonly string[], remove: () => T): Promise<T> {
      const files = catalogue
        .read((db) => selectStoredOfBooks(db, bookIds))
        .filter((file) => file.ownerId === ownerId);
      const result = remove();
      // Those of a book that stayed stay with it.
      const gone = catalogue.write({}, (db) =>
        files.filter(({ fileId }) => {
          if (selectStoredById(db, fileId)?.bookId !== null) return false;
          deleteStored(db, fileId);
          return true;
        }),
      );
      await clear(gone);
      return result;
    },
  };
}

/** The file with this id, uploaded or of a library folder, whoever's it is. */
export function findById(db: Db, fileId: string): FileRecord | undefined {
  const stored = selectStoredById(db, fileId);
  if (stored !== undefined) return recordOfStored(stored);
  const found = selectFolderFile(db, fileId);
  return found === undefined ? undefined : recordOfFolder(found);
}

/** What follows the last dot of a name, in lower case; nothing for a name without one. */
export const fileEnding = (name: string): string => /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';

/** The record of an uploaded file. */
export const recordOfStored = (file: StoredFile): FileRecord => ({
  fileId: file.fileId,
  ownerId: file.ownerId,
  bookId: file.bookId,
  kind: file.kind,
  key:
    file.kind === 'book_file'
      ? bookFileKey(file.fileId, file.originalName)
      : `covers/${file.fileId}/${file.originalName}`,
  name: file.originalName,
  format: file.format,
  contentType: file.contentType,
  sizeBytes: file.sizeBytes,
  sha256: file.sha256,
  backendId: file.backendId,
  uploadedAt: file.uploadedAt,
});

const recordOfFolder = (file: FolderFile): FileRecord => ({
  fileId: file.fileId,
  ownerId: file.ownerId,
  bookId: file.bookId,
  kind: 'book_file',
  key: bookFileKey(file.fileId, file.name),
  name: file.name,
  format: file.format,
  contentType: mediaTypeOf(file.format),
  sizeBytes: file.sizeBytes,
  sha256: file.sha256,
  backendId: null,
  uploadedAt: null,
});

const wrongClaim = (field: string, message: string) =>
  invalid(message, { details: { fields: { [field]: message } } });
const inFolder = () =>
  forbidden(
    'This file lies in a library folder. The server never deletes from there; remove it in the folder.',
  );
