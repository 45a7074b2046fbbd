// Proves that a file of the library is still what the catalogue says.
import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { unavailable } from '../base/errors.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { StorageError } from '../storage/backend.ts';
import type { FileBytes, FileContent } from '../storage/file-bytes.ts';
import { hasFile } from './backups.queries.ts';
import type { SampleFile } from './backups.queries.ts';

type Parts = { catalogue: Catalogue; fileBytes: FileBytes };

/** Throws unavailable for a file that is not what the catalogue says, though nothing says that somebody changed it. */
export async function proveFile(
  { catalogue, fileBytes }: Parts,
  file: SampleFile,
  signal: AbortSignal,
): Promise<void> {
  const isOurs = file.isOurs === 1;
  let sha256: string | undefined;
  try {
    sha256 = await fileBytes.open(file.fileId, (content) =>
      // In a person's own folders files come, go and change; the next scan says so.
      isOurs || isAsSeen(file, content) ? hashOf(content, signal) : undefined,
    );
  } catch (error) {
    signal.throwIfAborted();
    // Removed since the copy was made.
    if (!isOurs || !catalogue.read((db) => hasFile(db, file.fileId))) return;
    if (error instanceof StorageError && error.kind === 'corrupted') throw damaged(file);
    throw unavailable(`The file "${file.name}" cannot be read any more.`, { cause: error });
  }
  if (sha256 !== undefined && sha256 !== file.sha256) throw damaged(file);
}

const damaged = ({ name }: SampleFile) =>
  unavailable(`The file "${name}" is damaged: its content is not what it was.`);

const isAsSeen = (file: SampleFile, { sizeBytes, modifiedAt }: FileContent): boolean =>
  sizeBytes === file.sizeBytes && Math.floor(modifiedAt.getTime()) === file.modifiedMs;

async function hashOf({ sizeBytes, read }: FileContent, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  if (sizeBytes > 0) await pipeline(await read({ start: 0, end: sizeBytes - 1 }), hash, { signal });
  return hash.digest('hex');
}
