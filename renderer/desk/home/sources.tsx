// Where the library reads from: the folders of books and KOReader's statistics files.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../../shared/api.ts';
import { desktop } from '../../shared/desktop.ts';
import { messages } from '../../shared/messages/en.ts';
import { useTick } from '../../shared/use-tick.ts';
import { foldersQuery, jobsQuery, statisticsFilesQuery } from '../queries.ts';
import { AddPath } from './add-path.tsx';
import type { AddPathProps } from './add-path.tsx';
import { PathSection } from './path-section.tsx';

type SourceProps = { dataDir: string };

/** The folders of the library, with ways to add and remove one. */
export function Folders({ dataDir }: SourceProps) {
  useTick();
  const folders = useQuery(foldersQuery);
  const add = useFolderAdding(dataDir);
  const words = messages.folders;
  return (
    <PathSection
      words={words}
      query={folders}
      queryKey={foldersQuery.queryKey}
      add={add}
      remove={api.removeFolder}
      refused={folders.data?.refused}
      entries={folders.data?.folders.map((folder) => ({
        id: folder.folder_id,
        path: folder.path,
        fixed: folder.fixed,
        notes: [
          folder.last_scan_at === null ? undefined : words.files(folder.files),
          folder.last_scan_at === null ? words.never : words.looked(folder.last_scan_at),
        ],
        remark: folder.not_read.length === 0 ? undefined : words.notRead(folder.not_read),
        error: folder.trouble,
      }))}
    />
  );
}

/** KOReader's statistics files, with ways to add and remove one. */
export function StatisticsFiles({ dataDir }: SourceProps) {
  useTick();
  const files = useQuery(statisticsFilesQuery);
  const refresh = useRefreshAfterAdding(statisticsFilesQuery.queryKey);
  const words = messages.statistics;
  return (
    <PathSection
      words={words}
      query={files}
      queryKey={statisticsFilesQuery.queryKey}
      add={{
        words,
        example: exampleFor(dataDir, words.example),
        pick: desktop.pickStatisticsFile,
        add: async ({ path }) => {
          await api.addStatisticsFile(path);
          await refresh();
        },
      }}
      remove={api.removeStatisticsFile}
      refused={files.data?.refused}
      entries={files.data?.files.map((file) => ({
        id: file.file_id,
        path: file.path,
        fixed: file.fixed,
        notes:
          file.last_import_at === null
            ? [words.never]
            : [words.holds(file.books, file.page_reads), words.read(file.last_import_at)],
        error: file.error,
      }))}
    />
  );
}

/** The form that adds a folder of books. */
export function AddFolder({ dataDir, onAdded }: SourceProps & { onAdded: () => void }) {
  return <AddPath {...useFolderAdding(dataDir)} prominent onAdded={onAdded} />;
}

function useFolderAdding(dataDir: string): AddPathProps {
  const refresh = useRefreshAfterAdding(foldersQuery.queryKey);
  return {
    words: messages.folders,
    example: exampleFor(dataDir, messages.folders.example),
    pick: desktop.pickFolder,
    add: async ({ path, sure }) => {
      await api.addFolder(path, sure);
      await refresh();
    },
  };
}

/** The server reads what was added at once: the job is as new as the entry. */
function useRefreshAfterAdding(queryKey: readonly string[]): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    await Promise.all([
      client.invalidateQueries({ queryKey }),
      client.invalidateQueries({ queryKey: jobsQuery.queryKey }),
    ]);
  };
}

function exampleFor(dataDir: string, example: { windows: string; other: string }): string {
  return dataDir.includes('\\') ? example.windows : example.other;
}
