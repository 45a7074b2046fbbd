// Keeps when the fields of synced rows were said last: noted by triggers and by sync, written once with the transaction.
import type Database from 'better-sqlite3';
import { statement } from './statements.ts';

/** When a field was said last, in milliseconds, and with which version of its row. */
export type Said = readonly [atMs: number, version: number];
export type Times = Readonly<Record<string, Said>>;

/** What is noted of a row: fields that were said, or null for what is not known any more; undefined when the row is gone. */
type Note = { entityId: string; ownerId: string; said: Readonly<Record<string, Said | null>> | undefined };

/** The notes of the transaction that is under way. Written row by row they cost more than the rows they tell of. */
export type FieldTimes = {
  /** Returns when the fields of a row were said last, the notes of this transaction included. */
  of(entityId: string): Times;
  /** Reads the times of many rows at once, for those who will ask for each. */
  load(entityIds: readonly string[]): void;
  /** Notes when fields of a row were said; the others stay as they are. */
  note(note: Note): void;
  /** Returns what takes back the notes made from here on. */
  mark(): () => void;
  /** Writes the notes; before the transaction ends. */
  write(): void;
  forget(): void;
};

const kept = new WeakMap<Database.Database, FieldTimes>();

/** Returns the times kept on a connection of the catalogue's. */
export function fieldTimes(client: Database.Database): FieldTimes {
  const found = kept.get(client);
  if (found === undefined) throw new Error('Only the door of the catalogue keeps times.');
  return found;
}

/** Gives a connection its times. */
export function keepTimes(db: Database.Database): FieldTimes {
  const stored = new Map<string, Times>();
  const notes: Note[] = [];
  const byEntity = new Map<string, Note[]>();
  const load = (entityIds: readonly string[]): void => {
    const rows = statement(
      db,
      'select entity_id, times from field_times where entity_id in (select value from json_each(?))',
    )
      .raw()
      .all(JSON.stringify(entityIds)) as [string, string][];
    for (const id of entityIds) stored.set(id, {});
    for (const [id, times] of rows) stored.set(id, JSON.parse(times) as Times);
  };
  const times: FieldTimes = {
    load,
    of(entityId) {
      if (!stored.has(entityId)) load([entityId]);
      return withNotes(stored.get(entityId) ?? {}, byEntity.get(entityId) ?? []);
    },
    note(note) {
      notes.push(note);
      const own = byEntity.get(note.entityId);
      if (own === undefined) byEntity.set(note.entityId, [note]);
      else own.push(note);
    },
    mark() {
      const until = notes.length;
      return () => {
        for (const { entityId } of notes.splice(until)) byEntity.get(entityId)?.pop();
        // What was read meanwhile may have been read of what is taken back.
        stored.clear();
      };
    },
    write() {
      if (notes.length === 0) return times.forget();
      load([...byEntity.keys()].filter((id) => !stored.has(id)));
      const rows = [...byEntity].flatMap(([entityId, own]) => {
        const last = own.at(-1);
        // Taken back, or gone with the thing itself.
        if (last?.said === undefined) return [];
        return [[entityId, last.ownerId, JSON.stringify(times.of(entityId))]];
      });
      statement(
        db,
        `insert into field_times (entity_id, owner_id, times)
         select value ->> 0, value ->> 1, value ->> 2 from json_each(?) where true
         on conflict (entity_id) do update set times = excluded.times`,
      ).run(JSON.stringify(rows));
      times.forget();
    },
    forget() {
      notes.length = 0;
      byEntity.clear();
      stored.clear();
    },
  };
  kept.set(db, times);
  return times;
}

function withNotes(before: Times, notes: readonly Note[]): Times {
  if (notes.length === 0) return before;
  const from = notes.findLastIndex(({ said }) => said === undefined);
  const times: Record<string, Said> = from === -1 ? { ...before } : {};
  for (const { said = {} } of notes.slice(from + 1)) {
    for (const name in said) {
      const last = said[name];
      if (last == null) delete times[name];
      else times[name] = last;
    }
  }
  return times;
}
