// Kinds of job for tests, and a runner of them.
import { expect, vi } from 'vitest';
import { z } from 'zod';
import { silentLog } from '../../../server/base/log.ts';
import { handle } from '../../../server/jobs/kinds.ts';
import type { JobHandler, JobKind, JobRun, Retry } from '../../../server/jobs/kinds.ts';
import { createJobs } from '../../../server/jobs/runner.ts';
import type { Shelf } from '../../support/catalogue.ts';

export type Payload = { name: string; group?: string | undefined };
export type Run = (job: JobRun<Payload>) => Promise<void>;

const Payload = z.object({ name: z.string(), group: z.string().optional() });
type More = { retry?: Retry; join?: (waiting: Payload, added: Payload) => Payload | undefined };
export const kindOf = (kind = 'work', more: More = {}): JobKind<typeof Payload> => ({
  kind,
  unit: 'files' as const,
  payload: Payload,
  key: ({ name }: Payload) => name,
  group: ({ group = 'one' }: Payload) => group,
  ...more,
});
export const aKind = (run: Run, kind = 'work', more: More = {}): JobHandler =>
  handle(kindOf(kind, more), run);

/** Jobs that go on when the test says so. */
export function gated() {
  const begun: string[] = [];
  const gates = new Map<string, () => void>();
  const run: Run = ({ payload: { name }, signal }) => {
    begun.push(name);
    return new Promise((resolve, reject) => {
      gates.set(name, resolve);
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });
  };
  const finish = async (name: string) => {
    gates.get(name)?.();
    await vi.waitFor(() => expect(begun).toContain(name));
  };
  return { run, begun, finish };
}

export function runner(shelf: Shelf, ...kinds: JobHandler[]) {
  const { catalogue, clock, events, ownerId } = shelf;
  const jobs = createJobs({ catalogue, clock, events, log: silentLog() });
  if (kinds.length > 0) jobs.start(kinds);
  const add = (name: string, more: { group?: string; kind?: string } = {}) => {
    const { kind = 'work', ...payload } = more;
    return jobs.add(kinds.find((each) => each.kind.kind === kind)?.kind ?? kindOf(kind), {
      ownerId,
      payload: { name, ...payload },
      subject: `the ${name}`,
    });
  };
  const states = () => shelf.rows("select json_extract(payload, '$.name') as name, state from jobs order by rowid").map(({ name, state }) => `${String(name)} ${String(state)}`); // prettier-ignore
  return { jobs, add, states };
}
export const nothing: Run = () => Promise.resolve();
