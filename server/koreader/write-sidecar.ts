// The job that carries a person's word about a book into its sidecar.
import { z } from 'zod';
import { handle, jobKind } from '../jobs/kinds.ts';

export const writeSidecar = jobKind({
  kind: 'write-sidecar',
  unit: 'files',
  payload: z.object({ sidecarId: z.string() }),
  key: ({ sidecarId }) => sidecarId,
  group: ({ sidecarId }) => `sidecar ${sidecarId}`,
});

/** Does the job. What is to be written is looked up when it runs: the last word counts. */
export const writeSidecarWork = ({
  writeback,
}: {
  writeback: { deliver(sidecarId: string): Promise<void> };
}) => handle(writeSidecar, ({ payload }) => writeback.deliver(payload.sidecarId));
