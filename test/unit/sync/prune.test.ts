// What the diary forgets, and that nobody who reads it can tell.
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../../server/base/log.ts';
import { createJobs } from '../../../server/jobs/runner.ts';
import { lastVersion } from '../../../server/portability/merge.queries.ts';
import { keepWords } from '../../../server/marks/kept-words.queries.ts';
import { pruneDiaryWork, pruneWhenDue } from '../../../server/sync/prune.ts';
import { isChangedByOthers, selectEntries, selectLastEntry } from '../../../server/sync/sync.queries.ts';
import { aBook, aUser } from '../../support/builders.ts';
import { openShelf } from '../../support/catalogue.ts';
import type { Row, Shelf } from '../../support/catalogue.ts';

const DAY_MS = 86_400_000;
let shelf: Shelf;
beforeEach(() => (shelf = openShelf()));
afterEach(() => shelf.catalogue.close());

const prune = ({ catalogue, clock, ownerId }: Shelf, signal = new AbortController().signal): Promise<void> =>
  pruneDiaryWork({ catalogue, clock }).run({ jobId: '', ownerId, payload: {}, signal, progress: () => {} });
const diary = (): Row[] =>
  shelf.rows('select entity_id as id, operation, version, device_id as device from changes order by seq');
const asDevice = (deviceId: string, sql: string, ...values: unknown[]): void => {
  shelf.catalogue.write({ deviceId }, (db) => db.$client.prepare(sql).run(...values));
};

describe('forgetting what was overtaken', () => {
  it('keeps how a thing was made, what another device said last, and what was said last', async () => {
    const { bookId } = shelf.write((db) => aBook(db, { ownerId: shelf.ownerId }));
    for (const [device, title] of [['a', '1'], ['a', '2'], ['b', '3'], ['b', '4'], ['a', '5'], ['a', '6']] as const)
      asDevice(device, 'update books set title = ? where book_id = ?', title, bookId); // prettier-ignore
    await prune(shelf);
    expect(diary()).toEqual([
      { id: bookId, operation: 'create', version: 1, device: null },
      { id: bookId, operation: 'update', version: 5, device: 'b' },
      { id: bookId, operation: 'update', version: 7, device: 'a' },
    ]);
    const again = diary();
    await prune(shelf);
    expect(diary()).toEqual(again);
  });

  it('never takes the number of the diary back, and goes on rising from there', async () => {
    const { bookId } = shelf.write((db) => aBook(db, { ownerId: shelf.ownerId }));
    shelf.write((db) => db.$client.prepare('delete from books').run());
    const before = shelf.catalogue.revision();
    shelf.clock.forward({ days: 91 });
    await prune(shelf);
    expect([diary(), shelf.catalogue.revision()]).toEqual([[], before]);
    shelf.write((db) => aBook(db, { ownerId: shelf.ownerId, bookId }));
    expect(shelf.catalogue.revision()).toBe(before + 1);
  });

  it('remembers a deletion for 90 days', async () => {
    const { bookId } = shelf.write((db) => aBook(db, { ownerId: shelf.ownerId }));
    asDevice('a', 'delete from books where book_id = ?', bookId);
    shelf.clock.forward({ days: 89 });
    await prune(shelf);
    expect(diary().at(-1)).toEqual({ id: bookId, operation: 'delete', version: 2, device: 'a' });
    shelf.clock.forward({ days: 2 });
    await prune(shelf);
    expect(diary()).toEqual([]);
  });

  it('answers every question about a random diary as before', async () => {
    shelf.catalogue.close();
    const entry = fc.record({
      owner: fc.nat({ max: 1 }),
      thing: fc.nat({ max: 2 }),
      operation: fc.constantFrom('create', 'update', 'update', 'update', 'delete'),
      device: fc.constantFrom(null, 'a', 'b', 'c'),
      days: fc.nat({ max: 12 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 40 }), async (entries) => {
        const { catalogue, clock, ownerId } = (shelf = openShelf());
        const owners = [ownerId, shelf.write((db) => aUser(db))];
        shelf.write((db) => db.$client.prepare('delete from changes').run());
        for (const { owner, thing, operation, device, days } of entries) {
          clock.forward({ days, minutes: 1 });
          shelf.write((db) =>
            db.$client
              .prepare(
                `insert into changes (owner_id, entity_type, entity_id, operation, version, device_id, changed_at)
                 values (?, 'book', ?, ?, 1 + (select count(*) from changes where entity_id = ?), ?, ?)`,
              )
              .run(owners[owner], `${thing}`, operation, `${thing}`, device, clock.now().getTime()),
          );
        }
        const nowMs = clock.now().getTime();
        const answers = () =>
          shelf.read((db) => ({
            pulls: owners.flatMap((owner) =>
              [0, 90, 60, 30, 10, 1].map((days) => days === 0 ? 0 : nowMs - days * DAY_MS).map((sinceMs) =>
                selectEntries(db, {
                  ownerId: owner,
                  sinceMs,
                  afterMs: sinceMs,
                  upToMs: nowMs,
                  entityTypes: ['book'],
                }).filter(({ operation, changedMs }) => operation !== 'delete' || changedMs >= nowMs - 90 * DAY_MS),
              ),
            ),
            living: owners.flatMap((owner) =>
              ['0', '1', '2'].map((id) => {
                const last = selectLastEntry(db, owner, 'book', id);
                const isGone = last === undefined || last.operation === 'delete';
                return isGone ? undefined : { last, version: lastVersion(db, 'book', id) };
              }),
            ),
          })); // prettier-ignore
        /** Things of one person only, whoever asks; those that are there. */
        const others = () =>
          shelf.read((db) =>
            ['0', '1', '2'].map((id) => {
              const owned = new Set(entries.filter(({ thing }) => `${thing}` === id).map(({ owner }) => owner));
              const [owner] = [...owned];
              if (owned.size !== 1) return undefined;
              if (selectLastEntry(db, owners[owner!]!, 'book', id)?.operation === 'delete') return undefined;
              return ['a', 'b', 'c', 'd'].map((deviceId) =>
                Array.from({ length: entries.length + 1 }, (_, after) =>
                  isChangedByOthers(db, { entityType: 'book', entityId: id, after, deviceId }),
                ),
              );
            }),
          ); // prettier-ignore
        const before = [answers(), others()];
        await prune(shelf);
        expect([answers(), others()]).toEqual(before);
        const [{ most }] = shelf.rows(
          'select coalesce(max(n), 0) as most from (select count(*) as n from changes group by owner_id, entity_id)',
        ) as [{ most: number }];
        expect(most).toBeLessThanOrEqual(3);
        catalogue.close();
      }),
      { numRuns: 40, seed: 20_260_314 },
    );
    shelf = openShelf();
  }, 60_000);

  it('stops between two slices when it is told to', async () => {
    shelf.write((db) => aBook(db, { ownerId: shelf.ownerId }));
    await expect(prune(shelf, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });
});

describe('forgetting what devices pushed', () => {
  it('forgets pushes and conflicts of 90 days ago, and devices of a year ago but the last one', async () => {
    const { ownerId, clock } = shelf;
    const note = (name: string) =>
      shelf.write(({ $client }) => {
        const nowMs = clock.now().getTime();
        $client.prepare("insert into sync_pushes values (?, ?, 'book', 'b', 1, 'hash', 1, ?)").run(ownerId, name, nowMs); // prettier-ignore
        $client
          .prepare(
            `insert into sync_conflicts values (?, ?, 'book', 'b', ?, 'merge', '{}', '{}', '{}', ?, null)`,
          )
          .run(name, ownerId, name, nowMs);
        $client.prepare('insert into sync_devices values (?, ?, ?, null)').run(ownerId, name, nowMs);
      });
    const kept = () =>
      ['sync_pushes', 'sync_conflicts', 'sync_devices'].map((table) =>
        shelf.rows(`select device_id as id from ${table} order by device_id`).map(({ id }) => id),
      );
    note('first');
    clock.forward({ days: 50 });
    note('second');
    clock.forward({ days: 50 });
    await prune(shelf);
    expect(kept()).toEqual([['second'], ['second'], ['first', 'second']]);
    clock.forward({ days: 400 });
    await prune(shelf);
    expect(kept()).toEqual([[], [], ['second']]);
  });
});

describe('the daily look', () => {
  it('forgets what was said of a mark a month after it left the file', async () => {
    const { bookId } = shelf.write((db) => aBook(db, { ownerId: shelf.ownerId }));
    const words = { note: 'Mine', color: null, deviceSays: { note: { is: null, was: [], at: 0 } } };
    const keep = (koreaderKey: string) =>
      shelf.write((db) => keepWords(db, { bookId, koreaderKey }, words, shelf.clock.now()));
    keep('first');
    shelf.clock.forward({ days: 1 });
    keep('second');
    shelf.clock.forward({ days: 30, minutes: -1 });
    await prune(shelf);
    expect(shelf.rows('select koreader_key as key from kept_words')).toEqual([{ key: 'second' }]);
  });

  it('adds the job once a day has passed since it ran, and not at the first start', async () => {
    const { catalogue, clock, events, ownerId } = shelf;
    const jobs = createJobs({ catalogue, clock, events, log: silentLog() });
    jobs.start([pruneDiaryWork({ catalogue, clock })]);
    const { look } = pruneWhenDue({ catalogue, clock, jobs, ownerId: () => ownerId });
    const states = () => jobs.list(ownerId).map(({ kind, state }) => [kind, state]);
    look();
    clock.forward({ hours: 23 });
    look();
    expect(states()).toEqual([]);
    clock.forward({ hours: 2 });
    look();
    await jobs.settled();
    look();
    expect(states()).toEqual([['prune-diary', 'done']]);
    await jobs.close();
  });
});
