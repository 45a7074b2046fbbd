// Endpoints of where books and reading come from, and of the work of reading them.
import { z } from 'zod';
import type { Sources } from '../../sources/sources.ts';
import type { Jobs } from '../../jobs/runner.ts';
import type { Books } from '../../library/books.ts';
import { deskEndpoint } from './auth.ts';
import {
  presentFailure,
  presentFolder,
  presentJob,
  presentProtectedBook,
  presentRefused,
  presentStatisticsFile,
} from './present.ts';
import {
  AddFolderRequest,
  AddPathRequest,
  FailureList,
  Job,
  JobList,
  LibraryFolder,
  LibraryFolderList,
  ProtectedBookList,
  StatisticsFile,
  StatisticsFileList,
} from './schemas.ts';
import { json } from '../../http/bodies.ts';

const SHOWN = 200;
const IMPORTS = { tag: 'Imports', access: 'desk' } as const;
const FolderParams = z.object({ folder_id: z.uuid() });
const FileParams = z.object({ file_id: z.uuid() });
const JobParams = z.object({ job_id: z.uuid() });

export type ImportParts = { sources: Sources; jobs: Jobs; books: Books };

/** Returns the endpoints. */
export function importEndpoints({ sources, jobs, books }: ImportParts) {
  return [
    deskEndpoint(
      {
        ...IMPORTS,
        method: 'get',
        path: '/folders',
        summary: 'Lists the folders of books.',
        answers: { 200: LibraryFolderList },
      },
      ({ caller }) => ({
        folders: sources.folders(caller.ownerId).map((folder) => presentFolder(folder, folder.files)),
        refused: sources.refused('folder').map(presentRefused),
      }),
    ),
    deskEndpoint(
      {
        ...IMPORTS,
        method: 'post',
        path: '/folders',
        summary: 'Adds a folder and starts scanning it.',
        body: json(AddFolderRequest),
        answers: { 201: LibraryFolder },
        errors: ['conflict'],
      },
      async ({ caller, body }) =>
        presentFolder(await sources.addFolder(caller.ownerId, body.path, { sure: body.sure ?? false }), 0),
    ),
    deskEndpoint(
      {
        ...IMPORTS,
        method: 'delete',
        path: '/folders/{folder_id}',
        summary: 'Takes a folder out of the library; its files stay on disk.',
        params: FolderParams,
        errors: ['not_found', 'forbidden'],
      },
      ({ caller, params }) => sources.removeFolder(caller.ownerId, params.folder_id),
    ),
    deskEndpoint(
      {
        ...IMPORTS,
        method: 'post',
        path: '/folders/{folder_id}/look',
        summary: 'Looks through a folder.',
        params: FolderParams,
        answers: { 202: Job },
        errors: ['not_found'],
      },
      ({ caller, params }) => presentJob(sources.lookInto(caller.ownerId, params.folder_id)),
    ),
    deskEndpoint(
      {
        ...IMPORTS,
        method: 'post',
        path: '/folders/{folder_id}/let-go',
        summary: 'Says that the files a scan did not find are gone, and forgets them.',
        params: FolderParams,
        answers: { 202: Job },
        errors: ['not_found', 'conflict'],
      },
      ({ caller, params }) => presentJob(sources.letGo(caller.ownerId, params.folder_id)),
    ),
    deskEndpoint(
      {
        ...IMPORTS,
        method: 'get',
        path: '/statistics-files',
        summary: 'Lists the statistics files.',
        answers: { 200: StatisticsFileList },
      },
      ({ caller }) => ({
        files: sources.statisticsFiles(caller.ownerId).map(presentStatisticsFile),
        refused: sources.refused('statistics').map(presentRefused),
      }),
    ),
    deskEndpoint(
      {
        ...IMPORTS,
        method: 'post',
        path: '/statistics-files',
        summary: 'Adds a statistics file and starts importing it.',
        body: json(AddPathRequest),
        answers: { 201: StatisticsFile },
      },
      async ({ caller, body }) =>
        presentStatisticsFile(await sources.addStatisticsFile(caller.ownerId, body.path)),
    ),
    deskEndpoint(
      {
        ...IMPORTS,
        method: 'delete',
        path: '/statistics-files/{file_id}',
        summary: 'Stops reading a statistics file; what it told stays.',
        params: FileParams,
        errors: ['not_found', 'forbidden'],
      },
      ({ caller, params }) => sources.removeStatisticsFile(caller.ownerId, params.file_id),
    ),
    deskEndpoint(
      {
        ...IMPORTS,
        method: 'post',
        path: '/scans',
        summary: 'Scans every folder and statistics file.',
        answers: { 202: JobList },
      },
      ({ caller }) => ({ jobs: sources.scanAll(caller.ownerId).map(presentJob) }),
    ),
    deskEndpoint(
      {
        ...IMPORTS,
        method: 'get',
        path: '/jobs',
        summary: 'Lists the newest jobs.',
        answers: { 200: JobList },
      },
      ({ caller }) => ({ jobs: jobs.list(caller.ownerId).map(presentJob) }),
    ),
    deskEndpoint(
      {
        ...IMPORTS,
        method: 'post',
        path: '/jobs/{job_id}/cancel',
        summary: 'Ends a job at its next safe point.',
        params: JobParams,
        errors: ['not_found'],
      },
      ({ caller, params }) => jobs.cancel(caller.ownerId, params.job_id),
    ),
    deskEndpoint(
      {
        ...IMPORTS,
        method: 'get',
        path: '/failures',
        summary: 'Lists files that could not be read.',
        answers: { 200: FailureList },
      },
      ({ caller }) => ({
        failures: sources.failures(caller.ownerId, SHOWN).map(presentFailure),
        total: books.counts(caller.ownerId).failures,
      }),
    ),
    deskEndpoint(
      {
        ...IMPORTS,
        method: 'get',
        path: '/protected-books',
        summary: 'Lists files whose text only their seller’s own programs can open.',
        answers: { 200: ProtectedBookList },
      },
      ({ caller }) => {
        const { files, total } = sources.protectedFiles(caller.ownerId, SHOWN);
        return { books: files.map(presentProtectedBook), total };
      },
    ),
  ];
}
