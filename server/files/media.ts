// The same files by their media ids, with the room a person has for them.
import { AppError, conflict, invalid, notFound } from '../base/errors.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { findById } from './files.ts';
import type { FileRecord, Files } from './files.ts';
import { sumBytes } from './files.queries.ts';
import { selectMedia } from './media.queries.ts';
import type { StagedFile, Uploads } from './uploads.ts';

export type MediaKind = FileRecord['kind'];
/** A file, or the cover that came with a book's file. */
export type Media = { file: FileRecord } | { coverOf: string };

export type StorageUse = { usedBytes: number; quotaBytes: number; availableBytes: number };

const COVER_NAME = /\.(?:jpe?g|png|webp|gif)$/i;

type Parts = { catalogue: Catalogue; files: Files; uploads: Uploads; quotaBytes: number };

export type MediaFiles = ReturnType<typeof createMedia>;

/** Returns the verbs of media. */
export function createMedia({ catalogue, files, uploads, quotaBytes }: Parts) {
  return {
    /** Returns how much room the person's files take and have. */
    usage(ownerId: string): StorageUse {
      const usedBytes = catalogue.read((db) => sumBytes(db, ownerId));
      return { usedBytes, quotaBytes, availableBytes: Math.max(0, quotaBytes - usedBytes) };
    },

    /**
     * Gives a book its file or its cover, in place of one it was given before. Throws not_found, invalid, and conflict for
     * what will never fit: the one refusal the app does not try again by itself.
     */
    async give(
      ownerId: string,
      to: { bookId: string; kind: MediaKind },
      file: StagedFile,
    ): Promise<FileRecord> {
      try {
        if (to.kind === 'book_file') return await uploads.giveBookFile(ownerId, to.bookId, file);
        if (!COVER_NAME.test(file.name)) throw invalid('A cover is a JPEG, PNG, WebP or GIF file.');
        return await uploads.giveCover(ownerId, to.bookId, file, { countQuota: true });
      } catch (error) {
        throw asMediaError(error);
      }
    },

    /** Returns what this id stands for. Throws not_found. */
    get(ownerId: string, mediaId: string): Media {
      const media = catalogue.read((db) => {
        const found = selectMedia(db, ownerId, mediaId);
        if (found === undefined) return undefined;
        const file = findById(db, mediaId);
        return file === undefined ? { coverOf: mediaId } : { file };
      });
      if (media === undefined) throw notFound('asset', mediaId);
      return media;
    },

    /** Deletes an uploaded file. Throws not_found, forbidden for what lies in a library folder. */
    async remove(ownerId: string, mediaId: string): Promise<void> {
      const media = this.get(ownerId, mediaId);
      if ('coverOf' in media)
        throw new AppError(
          'forbidden',
          'This cover is part of the file of the book; give the book another one instead.',
        );
      await files.remove(ownerId, media.file.key);
    },
  };
}

/** Returns the error as the media contract has it: the format is invalid input, what is too large never fits. */
export function asMediaError(error: unknown): unknown {
  if (!(error instanceof AppError)) return error;
  if (error.kind === 'unsupported') return invalid(error.message, { cause: error });
  return error.kind === 'too_large' ? conflict(error.message, { cause: error }) : error;
}
