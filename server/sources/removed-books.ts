// Books a person removed while their files stayed in the folder: what there is, and having one back.
import { notFound } from '../base/errors.ts';
import { nameKey } from '../base/names.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { JobRow } from '../jobs/jobs.queries.ts';
import { bookBeside } from '../koreader/ingest-sidecar.ts';
import {
  countRemovedFiles,
  selectRemovedFile,
  selectRemovedFiles,
  selectRemovedSidecars,
  welcomeFile,
  welcomeSidecar,
} from './removed-books.queries.ts';
import type { RemovedFile } from './removed-books.queries.ts';
import type { Sources } from './sources.ts';

export type { RemovedFile } from './removed-books.queries.ts';
export type RemovedBooks = ReturnType<typeof createRemovedBooks>;

/** Returns the verbs of removed books. */
export function createRemovedBooks({ catalogue, sources }: { catalogue: Catalogue; sources: Sources }) {
  return {
    /** Returns the files of removed books, the last removed first, at most `limit`, and how many there are. */
    list: (ownerId: string, limit: number): { files: RemovedFile[]; total: number } =>
      catalogue.read((db) => ({
        files: selectRemovedFiles(db, ownerId, limit),
        total: countRemovedFiles(db, ownerId),
      })),

    /**
     * Starts reading the file and KOReader's files about it anew, as a new book: what the person had said of the old one in
     * the library went with it, what KOReader says comes back. Returns the jobs. Throws not_found.
     */
    bringBack(ownerId: string, fileId: string): JobRow[] {
      catalogue.write({}, (db) => {
        const file = selectRemovedFile(db, ownerId, fileId);
        if (file === undefined) throw notFound('removed book');
        welcomeFile(db, fileId);
        const fileKey = nameKey(file.path);
        for (const { sidecarId, path, partialMd5 } of selectRemovedSidecars(db, ownerId)) {
          const beside = bookBeside(path);
          const isOfFile = beside !== undefined && nameKey(beside).equals(fileKey);
          if (isOfFile || (partialMd5 !== null && partialMd5 === file.partialMd5))
            welcomeSidecar(db, sidecarId);
        }
      });
      return sources.scanAll(ownerId);
    },
  };
}
