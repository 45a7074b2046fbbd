// Asks about the books of a folder that seems to be away: whether to look again, or to let them go.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { LibraryFolder } from '../../../server/api/desk/schemas.ts';
import { api } from '../../shared/api.ts';
import { messages } from '../../shared/messages/en.ts';
import { Button } from '../../shared/ui/button.tsx';
import { Confirm } from '../../shared/ui/confirm.tsx';
import { Notice } from '../../shared/ui/notice.tsx';
import { isOver } from '../live-updates.ts';
import { foldersQuery, jobsQuery } from '../queries.ts';
import { sentenceFor } from '../sentence-for.ts';

const words = messages.missing;

/** One question for each folder that misses too much at once; nothing at all while none does. */
export function MissingBooks() {
  const folders = useQuery(foldersQuery).data?.folders ?? [];
  return folders.map((folder) =>
    folder.missing === null ? null : (
      <Question key={folder.folder_id} folder={folder} missing={folder.missing} />
    ),
  );
}

function Question({
  folder: { folder_id: folderId, path },
  missing,
}: {
  folder: LibraryFolder;
  missing: NonNullable<LibraryFolder['missing']>;
}) {
  const client = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const jobs = useQuery(jobsQuery).data?.jobs ?? [];
  const onSettled = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: foldersQuery.queryKey }),
      client.invalidateQueries({ queryKey: jobsQuery.queryKey }),
    ]);
  const look = useMutation({ mutationFn: () => api.lookInto(folderId), onSettled });
  const letGo = useMutation({
    mutationFn: () => api.letGo(folderId),
    onSettled,
    onSuccess: () => setAsking(false),
  });
  const isLooking =
    look.isPending ||
    letGo.isPending ||
    jobs.some((job) => job.kind === 'scan-folder' && job.subject === path && !isOver(job));
  return (
    <>
      <Notice
        tone="warning"
        title={words.title(missing)}
        action={
          <div className="notice-actions">
            <Button busy={isLooking} aria-label={words.lookOf(path)} onClick={() => look.mutate()}>
              {words.look}
            </Button>
            <Button busy={isLooking} aria-label={words.letGoOf(path)} onClick={() => setAsking(true)}>
              {words.letGo}
            </Button>
          </div>
        }
      >
        {words.body(missing)} <span className="path">{path}</span>
      </Notice>
      {look.isError && (
        <Notice tone="warning" alert>
          {sentenceFor(look.error)}
        </Notice>
      )}
      {isAsking && (
        <Confirm
          title={words.confirm}
          subject={path}
          body={words.consequence}
          action={words.confirmAction}
          busy={letGo.isPending}
          error={letGo.error === null ? undefined : sentenceFor(letGo.error)}
          onConfirm={() => letGo.mutate()}
          onClose={() => {
            setAsking(false);
            letGo.reset();
          }}
        />
      )}
    </>
  );
}
