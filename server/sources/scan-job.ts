// What a look through a folder is about: all of it, or some paths; and when two looks are one.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { jobKind } from '../jobs/kinds.ts';
import { outermost } from './changed-paths.ts';
import type { LibraryFolder } from './sources.queries.ts';

/** More paths than this are looked at by looking through the whole folder. */
export const MOST_PATHS = 2_000;

/** Without paths the whole folder is looked through. */
const ScanPayload = z.object({
  folderId: z.string(),
  /** Files and folders to look at and below, as base64 of their bytes; none lies below another. */
  paths: z.array(z.base64()).max(MOST_PATHS).optional(),
  /** Files that are gone by the person's word, when so many are not found and more are not. */
  agreed: z.int().optional(),
});

export type ScanPayload = z.output<typeof ScanPayload>;

/** Two looks at different paths are different work. */
const scanKey = ({ folderId, paths, agreed }: ScanPayload) =>
  paths === undefined
    ? `${folderId}${agreed === undefined ? '' : ':agreed'}`
    : `${folderId}:${createHash('sha256').update(paths.join('\n')).digest('hex')}`;

/** Two looks at the same folder are one look at the paths of both, or at the whole folder. */
function joinScans(waiting: ScanPayload, added: ScanPayload): ScanPayload | undefined {
  if (waiting.folderId !== added.folderId) return undefined;
  const { folderId } = waiting;
  const agreed = added.agreed ?? waiting.agreed;
  if (agreed !== undefined) return { folderId, agreed };
  if (waiting.paths === undefined || added.paths === undefined) return { folderId };
  const paths = outermost([...waiting.paths, ...added.paths].map((path) => Buffer.from(path, 'base64')));
  if (paths.length > MOST_PATHS) return { folderId };
  return { folderId, paths: paths.map((path) => path.toString('base64')) };
}

export const scanFolder = jobKind({
  kind: 'scan-folder',
  unit: 'files',
  payload: ScanPayload,
  key: scanKey,
  group: () => 'import',
  join: joinScans,
});

/** The job that looks through a folder, or only at and below these paths of it. */
export const scanOf = (folder: LibraryFolder, paths?: readonly Buffer[]) => ({
  ownerId: folder.ownerId,
  payload: {
    folderId: folder.folderId,
    ...(paths === undefined ? {} : { paths: paths.map((path) => path.toString('base64')) }),
  },
  subject: folder.path.toString(),
});
