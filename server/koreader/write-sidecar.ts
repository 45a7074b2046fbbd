// The job that carries a person's word about a book into its sidecar.
import { z } from 'zod';
import { defineJob } from '../jobs/kinds.ts';
import type { Writeback } from './writeback.ts';

/** Returns the job kind. What is to be written is looked up when it runs: the last word counts. */
export function writeSidecar({ writeback }: { writeback: Writeback }) {
  return defineJob({
    kind: 'write-sidecar',
    unit: 'files',
    payload: z.object({ sidecarId: z.string() }),
    key: ({ sidecarId }) => sidecarId,
    group: ({ sidecarId }) => `sidecar ${sidecarId}`,
    run: ({ payload }) => writeback.deliver(payload.sidecarId),
  });
}
