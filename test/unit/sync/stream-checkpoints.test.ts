// The number a device waits for is above all before it, and is told, whatever became of the library meanwhile.
import { expect, it } from 'vitest';
import { createEvents } from '../../../server/base/events.ts';
import { createStream } from '../../../server/sync/stream.ts';
import { createToldDevices } from '../../../server/sync/told-devices.ts';
import { openShelf } from '../../support/catalogue.ts';

function open() {
  const shelf = openShelf();
  const { catalogue, clock, ownerId } = shelf;
  const start = () =>
    createStream({ catalogue, clock, events: createEvents(), toldDevices: createToldDevices({ catalogue }) });
  const firstOf = async (stream: ReturnType<typeof start>) => {
    const end = new AbortController();
    for await (const event of stream.follow({
      ownerId,
      clientId: 'phone',
      sessionId: 'phone',
      buckets: [],
      signal: end.signal,
    })) {
      end.abort();
      if (event.kind === 'checkpoint') return event.writeCheckpoint;
    }
    return undefined;
  };
  return { ...shelf, start, firstOf };
}

it('rises with every question, also while the clock stands still or goes back', () => {
  const { start, clock, ownerId } = open();
  const stream = start();
  const numbers = [0, 0, 5, -3600, 10].map((seconds) => {
    clock.forward({ seconds });
    return stream.writeCheckpoint(ownerId, 'phone');
  });
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  expect(new Set(numbers).size).toBe(numbers.length);
  expect(numbers[0]).toBeGreaterThan(1e12);
});

it('is reached by the first checkpoint of a library that knows nothing of the question any more', async () => {
  const { start, firstOf, clock, ownerId, write } = open();
  const asked = start().writeCheckpoint(ownerId, 'phone');
  write((db) => db.$client.exec('delete from stream_checkpoints'));
  clock.forward({ seconds: 1 });
  expect(await firstOf(start())).toBeGreaterThanOrEqual(asked);
});

it('is reached by the first checkpoint of a library from before the questions', async () => {
  const { start, firstOf, clock, ownerId, write } = open();
  start().writeCheckpoint(ownerId, 'phone');
  write((db) => db.$client.exec('update stream_checkpoints set number = 7'));
  clock.forward({ seconds: 1 });
  const stream = start();
  expect(await firstOf(stream)).toBe(clock.now().getTime());
  expect(stream.writeCheckpoint(ownerId, 'phone')).toBeGreaterThanOrEqual(clock.now().getTime());
});
