// A pull that comes in parts says what one in a single part says.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPull } from '../../../server/sync/pull.ts';
import type { PulledPart, PullPace } from '../../../server/sync/pull.ts';
import { aBook } from '../../support/builders.ts';
import { openShelf } from '../../support/catalogue.ts';
import type { Shelf } from '../../support/catalogue.ts';

let shelf: Shelf;
beforeEach(() => (shelf = openShelf()));
afterEach(() => shelf.catalogue.close());

const SMALL: PullPace = { entries: 3, things: 2 };
const EVER = new Date(0);

const pull = ({ since = EVER, limit = 100, pace = SMALL, catalogue = shelf.catalogue } = {}) =>
  createPull({ catalogue, clock: shelf.clock, pace })({
    ownerId: shelf.ownerId,
    deviceId: 'phone',
    since,
    entityTypes: ['book'],
    limit,
  });
/** What was told, as "operation title", and the end. */
const heard = (parts: Iterable<PulledPart>) => {
  const all = [...parts];
  const told = all
    .flatMap(({ changes }) => changes)
    .map(({ operation, thing }) => `${operation} ${thing?.kind === 'book' ? thing.record.title : '-'}`);
  return { told, ...all.at(-1)?.end };
};
const addBooks = (count: number): string[] =>
  Array.from({ length: count }, (_, at) =>
    shelf.write((db) => aBook(db, { ownerId: shelf.ownerId, title: `Book ${at}` }).bookId),
  );
const say = (sql: string, ...values: unknown[]): void => {
  shelf.write((db) => db.$client.prepare(sql).run(...values));
};

describe('a pull in parts', () => {
  it('tells everything as it was when it began, and afterwards what was written meanwhile', () => {
    const ids = addBooks(9);
    const parts = pull();
    const first = parts.next().value as PulledPart;
    say("update books set title = 'New', version = version + 1 where book_id = ?", ids[6]);
    say('delete from books where book_id = ?', ids[7]);
    addBooks(1);
    const { told, upTo, hasMore } = heard([first, ...parts]);
    expect(told).toEqual(ids.map((_, at) => `create Book ${at}`));
    expect(hasMore).toBe(false);
    const after = pull({ since: upTo! });
    expect(heard(after).told).toEqual(['update New', 'delete -', 'create Book 0']);
  });

  it('says the same however small its parts are, wherever a page ends', () => {
    const ids = addBooks(8);
    for (const id of [ids[0], ids[1], ids[0], ids[5]]) say("update books set title = title || '!', version = version + 1 where book_id = ?", id); // prettier-ignore
    say('delete from books where book_id = ?', ids[3]);
    for (let limit = 1; limit <= 9; limit += 1) {
      const whole = heard(pull({ limit, pace: { entries: 1000, things: 1000 } }));
      expect(whole.told).toHaveLength(Math.min(limit, 8));
      expect(whole.hasMore).toBe(limit < 8);
      for (const pace of [SMALL, { entries: 1, things: 1 }, { entries: 2, things: 5 }])
        expect(heard(pull({ limit, pace }))).toEqual(whole);
    }
  });

  it('takes a second look at the file only when there is more to say, and closes it, also when nobody listens any more', () => {
    let [opened, closed] = [0, 0];
    const catalogue = {
      ...shelf.catalogue,
      snapshot: () => {
        const snapshot = shelf.catalogue.snapshot();
        opened += 1;
        return {
          db: snapshot.db,
          close: () => {
            closed += 1;
            snapshot.close();
          },
        };
      },
    };
    addBooks(2);
    expect(heard(pull({ catalogue })).told).toHaveLength(2);
    expect([opened, closed]).toEqual([0, 0]);
    addBooks(4);
    expect(heard(pull({ catalogue })).told).toHaveLength(6);
    expect([opened, closed]).toEqual([1, 1]);
    for (const { end } of pull({ catalogue })) {
      expect(end).toBeUndefined();
      break;
    }
    expect([opened, closed]).toEqual([2, 2]);
  });
});
