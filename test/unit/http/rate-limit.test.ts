import { describe, expect, it } from 'vitest';
import { createLimits, createRateLimit } from '../../../server/http/rate-limit.ts';
import { at } from '../../support/clock.ts';

function aLimit() {
  const clock = at('2026-03-14');
  return { clock, limit: createRateLimit({ clock, burst: 5, perSec: 60 }) };
}
const waiting = (sec: number) =>
  expect.objectContaining({ kind: 'rate_limited', details: { retry_after: sec } }) as Error;

describe('a rate limit', () => {
  it('says how many are left and when all will be', () => {
    const { limit, clock } = aLimit();
    const after = (seconds: number) => new Date(clock.now().getTime() + seconds * 1000);
    expect(limit.look('a')).toEqual({ limit: 5, remaining: 5, fullAt: after(0) });
    limit.take('a');
    limit.take('a');
    expect(limit.look('a')).toEqual({ limit: 5, remaining: 3, fullAt: after(24) });
    clock.forward({ seconds: 11 });
    expect(limit.look('a')).toEqual({ limit: 5, remaining: 3, fullAt: after(13) });
    clock.forward({ seconds: 1 });
    limit.giveBack('a');
    expect(limit.look('a')).toEqual({ limit: 5, remaining: 5, fullAt: after(0) });
  });

  it('that is switched off counts nothing', () => {
    const off = { authentication: null, general: null, upload: null, batch: 1 };
    const limits = createLimits({ clock: at('2026-03-14'), perMinute: off });
    for (let n = 0; n < 1000; n++) limits.general.take('a');
    expect(limits.general.look('a')).toBeUndefined();
    limits.batch.take('a');
    expect(() => limits.batch.take('a')).toThrow(waiting(60));
  });

  it('lets a burst through and says how long to wait after it', () => {
    const { limit } = aLimit();
    for (let n = 0; n < 5; n++) limit.take('a');
    expect(() => limit.take('a')).toThrow(waiting(12));
    expect(() => limit.take('a')).toThrow('Too many attempts. Try again in 12 seconds.');
  });

  it('counts every key for itself', () => {
    const { limit } = aLimit();
    for (let n = 0; n < 5; n++) limit.take('a');
    expect(() => limit.take('b')).not.toThrow();
  });

  it('fills up again evenly, never beyond the burst', () => {
    const { limit, clock } = aLimit();
    for (let n = 0; n < 5; n++) limit.take('a');
    clock.forward({ seconds: 11 });
    expect(() => limit.take('a')).toThrow(waiting(1));
    clock.forward({ seconds: 1 });
    limit.take('a');
    expect(() => limit.take('a')).toThrow(waiting(12));
    clock.forward({ days: 1 });
    for (let n = 0; n < 5; n++) limit.take('a');
    expect(() => limit.take('a')).toThrow(waiting(12));
  });

  it('goes on from where the clock was set back to, and forward again', () => {
    const { limit, clock } = aLimit();
    for (let n = 0; n < 5; n++) limit.take('a');
    clock.forward({ days: -400 });
    expect(() => limit.take('a')).toThrow(waiting(12));
    clock.forward({ seconds: 12 });
    limit.take('a');
    expect(() => limit.take('a')).toThrow(waiting(12));
    clock.forward({ days: 400 });
    for (let n = 0; n < 5; n++) limit.take('a');
    expect(() => limit.take('a')).toThrow(waiting(12));
  });

  it('does not count an attempt that was given back', () => {
    const { limit } = aLimit();
    for (let n = 0; n < 50; n++) {
      limit.take('a');
      limit.giveBack('a');
    }
    limit.giveBack('a');
    for (let n = 0; n < 5; n++) limit.take('a');
    expect(() => limit.take('a')).toThrow(waiting(12));
  });

  it('goes on counting while thousands of other keys come by', () => {
    const { limit, clock } = aLimit();
    for (let n = 0; n < 5; n++) limit.take('a');
    for (let n = 0; n < 50_000; n++) limit.take(`key ${n}`);
    clock.forward({ seconds: 1 });
    expect(() => limit.take('a')).toThrow(waiting(11));
    clock.forward({ seconds: 59 });
    for (let n = 0; n < 50_000; n++) limit.take(`another ${n}`);
    for (let n = 0; n < 5; n++) limit.take('a');
    expect(() => limit.take('a')).toThrow(waiting(12));
  });
});
