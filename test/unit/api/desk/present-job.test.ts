import { describe, expect, it } from 'vitest';
import { presentJob } from '../../../../server/api/desk/present.ts';
import { Job } from '../../../../server/api/desk/schemas.ts';

const made = new Date('2026-03-14T12:00:00Z');
const row = {
  jobId: '01960000-0000-7000-8000-000000000001', ownerId: 'ada', kind: 'collect-files', key: '', group: 'collect', priority: 0, payload: {}, subject: '', attempt: 1, doneUnits: 0, totalUnits: null, unit: 'files', counts: null, error: 'The disk is away.', createdAt: made, finishedAt: null,
} as const; // prettier-ignore

describe('a job in the desk', () => {
  it('says when it is tried again, and nothing of it while it waits for its turn', () => {
    const later = new Date('2026-03-14T12:01:00Z');
    const shown = presentJob({ ...row, state: 'waiting', runAfter: later });
    expect(Job.parse(shown)).toMatchObject({
      tries_again_at: '2026-03-14T12:01:00.000Z',
      error: 'The disk is away.',
    });
    expect(presentJob({ ...row, state: 'waiting', runAfter: made }).tries_again_at).toBe(null);
    expect(presentJob({ ...row, state: 'failed', runAfter: later }).tries_again_at).toBe(null);
  });
});
