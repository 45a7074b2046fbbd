import { describe, expect, it } from 'vitest';
import { createEvents } from '../../../server/base/events.ts';

describe('the event bus', () => {
  it('calls listeners in the order they came, with the event', () => {
    const events = createEvents();
    const heard: string[] = [];
    events.on('job-changed', ({ jobId }) => heard.push(`first ${jobId}`));
    events.on('job-changed', ({ jobId }) => heard.push(`second ${jobId}`));
    events.emit('job-changed', { jobId: 'a' });
    expect(heard).toEqual(['first a', 'second a']);
  });

  it('tells only those who listen to that event', () => {
    const events = createEvents();
    const heard: unknown[] = [];
    events.on('catalogue-changed', (event) => heard.push(event));
    events.emit('job-changed', { jobId: 'a' });
    events.emit('catalogue-changed', { seq: 7, owners: ['me'] });
    expect(heard).toEqual([{ seq: 7, owners: ['me'] }]);
  });

  it('falls silent for a listener that stopped, and for no other', () => {
    const events = createEvents();
    const heard: string[] = [];
    const stop = events.on('job-changed', () => heard.push('stopped'));
    events.on('job-changed', () => heard.push('stays'));
    stop();
    stop();
    events.emit('job-changed', { jobId: 'a' });
    expect(heard).toEqual(['stays']);
  });

  it('keeps two servers of one process apart', () => {
    const heard: string[] = [];
    createEvents().on('job-changed', () => heard.push('other'));
    createEvents().emit('job-changed', { jobId: 'a' });
    expect(heard).toEqual([]);
  });
});
