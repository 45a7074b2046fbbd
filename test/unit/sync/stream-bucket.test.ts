// A bucket looked at bit by bit is the bucket looked at as a whole.
import { expect, it } from 'vitest';
import { checksumOf, renewBucket, selectBucket, selectOps } from '../../../server/sync/stream.queries.ts';
import type { Bucket } from '../../../server/sync/stream.queries.ts';
import { aBook } from '../../support/builders.ts';
import { openShelf } from '../../support/catalogue.ts';

it('counts and sums a bucket the same from where it was known, from nothing, and op by op', () => {
  const { catalogue, ownerId, read, write } = openShelf();
  const bucketSince = (known?: Bucket) => read((db) => selectBucket(db, ownerId, known));
  const summed = ({ lastOpId }: Bucket) => {
    const ops = read((db) => selectOps(db, ownerId, { afterOpId: 0, lastOpId, limit: 100 }));
    const sum = ops.reduce((total, { opId, bookId }) => total + checksumOf(opId, bookId), 0);
    return { count: ops.length, checksum: sum % 2 ** 32 };
  };
  expect(bucketSince()).toBeUndefined();
  const ids = Array.from({ length: 5 }, () => write((db) => aBook(db, { ownerId }).bookId));
  write((db) => renewBucket(db, ownerId));
  let known = bucketSince()!;
  expect(known).toEqual({ generation: 1, lastOpId: 5, ...summed(known) });
  for (const id of ids) {
    write((db) =>
      db.$client.prepare("update books set title = 'T', version = version + 1 where book_id = ?").run(id),
    );
    known = bucketSince(known)!;
    expect(known).toEqual({ generation: 1, lastOpId: known.lastOpId, ...summed(known) });
    expect(known).toEqual(bucketSince());
    expect(bucketSince(known)).toEqual(known);
  }
  write((db) => renewBucket(db, ownerId));
  expect(bucketSince(known)).toEqual(bucketSince());
  expect(bucketSince(known)).toMatchObject({ generation: 2, count: 5 });
  catalogue.close();
});
