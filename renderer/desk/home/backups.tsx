// The backups of the library: how it stands, making one, and putting one back.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Backup } from '../../../server/api/desk/schemas.ts';
import { api } from '../../shared/api.ts';
import { desktop } from '../../shared/desktop.ts';
import { messages } from '../../shared/messages/en.ts';
import { useTick } from '../../shared/use-tick.ts';
import { Button } from '../../shared/ui/button.tsx';
import { Confirm } from '../../shared/ui/confirm.tsx';
import { Dialog } from '../../shared/ui/dialog.tsx';
import { Notice } from '../../shared/ui/notice.tsx';
import { isOver } from '../live-updates.ts';
import { backupsQuery, jobsQuery } from '../queries.ts';
import { sentenceFor } from '../sentence-for.ts';
import { Section } from './section.tsx';

const words = messages.backups;
const shownBeside = 2;

/** The newest backups beside the shelf, all of them in a dialog. */
export function Backups() {
  useTick();
  const client = useQueryClient();
  const query = useQuery(backupsQuery);
  const jobs = useQuery(jobsQuery).data?.jobs ?? [];
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState<Backup>();
  const refresh = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: backupsQuery.queryKey }),
      client.invalidateQueries({ queryKey: jobsQuery.queryKey }),
    ]);
  const making = useMutation({ mutationFn: api.makeBackup, onSettled: refresh });
  const keeping = useMutation({ mutationFn: api.keepLibrary, onSettled: refresh });
  const restoring = useMutation({
    mutationFn: (backup: Backup) => api.restoreBackup(backup.backup_id),
    onSuccess: () => {
      setChosen(undefined);
      setOpen(false);
    },
    onSettled: refresh,
  });
  const { restart } = desktop;
  // The app puts another window in this one's place once it is back.
  const restarting = useMutation({ mutationFn: (begin: () => Promise<void>) => begin() });
  const isWorking = jobs.some((job) => job.kind.endsWith('-backup') && !isOver(job));
  const backups = query.data?.backups ?? [];
  const planned = backups.find((backup) => backup.planned);
  const error = making.error ?? keeping.error ?? restarting.error;

  return (
    <Section heading={words.heading} query={query}>
      <p className="quiet">
        {words.holds} {query.data !== undefined && words.when(query.data.schedule, query.data.at)}
      </p>
      {planned !== undefined && (
        <Notice
          tone="quiet"
          action={
            <div className="entry-actions">
              {restart !== undefined && (
                <Button
                  kind="primary"
                  busy={restarting.isPending || restarting.isSuccess}
                  onClick={() => restarting.mutate(restart)}
                >
                  {words.restart}
                </Button>
              )}
              <Button
                busy={keeping.isPending || restarting.isPending || restarting.isSuccess}
                onClick={() => keeping.mutate()}
              >
                {words.keep}
              </Button>
            </div>
          }
        >
          {words.planned(planned.created_at)} {restart === undefined && words.startAgain}
        </Notice>
      )}
      {error !== null && (
        <Notice tone="warning" alert>
          {sentenceFor(error)}
        </Notice>
      )}
      {backups.length === 0 ? (
        <p>{words.none}</p>
      ) : (
        <BackupEntries backups={backups.slice(0, shownBeside)} busy={isWorking} onRestore={setChosen} />
      )}
      <p className="entry-actions">
        <Button busy={making.isPending || isWorking} onClick={() => making.mutate()}>
          {isWorking ? words.working : words.make}
        </Button>
        {backups.length > shownBeside && (
          <Button kind="plain" onClick={() => setOpen(true)}>
            {words.seeAll(backups.length)}
          </Button>
        )}
      </p>
      {open && (
        <Dialog title={words.heading} onClose={() => setOpen(false)}>
          <p>{words.intro}</p>
          <p className="quiet">
            {words.folder} <span className="path">{query.data?.folder}</span>
          </p>
          <BackupEntries backups={backups} busy={isWorking} onRestore={setChosen} />
        </Dialog>
      )}
      {chosen !== undefined && (
        <Confirm
          title={words.confirm}
          subject={words.of(chosen.created_at)}
          body={words.consequence}
          action={words.restore}
          busy={restoring.isPending}
          error={restoring.error === null ? undefined : sentenceFor(restoring.error)}
          onConfirm={() => restoring.mutate(chosen)}
          onClose={() => {
            restoring.reset();
            setChosen(undefined);
          }}
        />
      )}
    </Section>
  );
}

type EntriesProps = { backups: readonly Backup[]; busy: boolean; onRestore: (backup: Backup) => void };

function BackupEntries({ backups, busy, onRestore }: EntriesProps) {
  return (
    <ul className="entries">
      {backups.map((backup) => (
        <li key={backup.backup_id} className="entry">
          <p>
            {words.of(backup.created_at)}{' '}
            {backup.state === 'failed' && <span className="tag">{words.failed}</span>}
          </p>
          {backup.error !== null && <p className="entry-error">{backup.error}</p>}
          <div className="entry-notes">
            <p className="quiet">{words.says(backup)}</p>
            {backup.state === 'good' && !backup.planned && (
              <Button
                kind="plain"
                busy={busy}
                aria-label={words.restoreOf(backup.created_at)}
                onClick={() => onRestore(backup)}
              >
                {words.restoreThis}
              </Button>
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}
