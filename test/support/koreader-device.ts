// KOReader as far as its sidecars go: it reads a file when a book is opened, keeps it in memory, and writes all of it.
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { tableField, textField } from '../../server/formats/koreader/lua-fields.ts';
import { writeLua } from '../../server/formats/koreader/lua-writer.ts';
import { luaString, readLua } from '../../server/formats/koreader/lua.ts';
import type { LuaTable, LuaValue } from '../../server/formats/koreader/lua.ts';
import type { SetClock } from './clock.ts';
import { luaTable } from './make-sidecar.ts';
import type { LuaContent } from './make-sidecar.ts';

export type KoreaderDevice = ReturnType<typeof createKoreaderDevice>;
/** Its engine for text that flows, and the one for fixed pages. */
export type Engine = 'rolling' | 'paging';

/**
 * Returns a device that looks for its sidecar at these paths, in KOReader's order: beside the book, docsettings,
 * hashdocsettings. Times are the clock's, in UTC, whole seconds; every change of a mark or of the summary is dated.
 */
export function createKoreaderDevice(parts: {
  paths: readonly string[];
  clock: SetClock;
  /** What it writes into a book it opens for the first time. */
  fresh: Record<string, LuaContent>;
}) {
  const { paths, clock, fresh } = parts;
  let place = 0;
  let memory: LuaTable | undefined;
  const stamp = () => luaString(clock.now().toISOString().slice(0, 19).replace('T', ' '));
  const markOf = (text: string) => {
    const list = tableField(memory, 'annotations');
    for (const [index, item] of list ?? [])
      if (item instanceof Map && textField(item, 'text') === text) return { list: list!, index, item };
    return undefined;
  };
  const summary = (): LuaTable => {
    const found = tableField(memory, 'summary') ?? new Map<string, LuaValue>();
    memory!.set('summary', found);
    found.set('modified', luaString(clock.now().toISOString().slice(0, 10)));
    return found;
  };
  const newest = () =>
    paths
      .filter((path) => existsSync(path))
      .toSorted((a, b) => secondOf(b) - secondOf(a) || paths.indexOf(a) - paths.indexOf(b))[0];

  return {
    isOpen: () => memory !== undefined,
    /** The file it would open now. */
    newest,
    /** Where it writes from now on. */
    settle: (index: number) => (place = index % paths.length),

    /** Opens the book, in an engine: marks of the other one are put aside (readerannotation.lua, onReadSettings). */
    open(engine: Engine = 'rolling'): void {
      if (memory !== undefined) return;
      const path = newest();
      memory = path === undefined ? luaTable(fresh) : readLua(readFileSync(path)).table;
      const list = tableField(memory, 'annotations') ?? new Map<number, LuaValue>();
      const first = list.get(1);
      const [page, other] = engine === 'rolling' ? ['object', 'paging'] : ['number', 'rolling'];
      const isOfEngine = first instanceof Map && typeof first.get('page') === page;
      if (!isOfEngine) {
        if (first !== undefined) memory.set(`annotations_${other}`, list);
        memory.set('annotations', tableField(memory, `annotations_${engine}`) ?? new Map<number, LuaValue>());
        memory.delete(`annotations_${engine}`);
      }
      // The first opening of a book is when its summary begins.
      if (tableField(memory, 'summary') === undefined) summary().set('status', luaString('reading'));
    },

    /** Writes what it has in memory; closing, it deletes the files it did not write. Returns the path. */
    save({ closing }: { closing: boolean }): string | undefined {
      if (memory === undefined) return undefined;
      const path = paths[place]!;
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, writeLua(memory));
      const sec = Math.floor(clock.now().getTime() / 1000);
      utimesSync(path, sec, sec);
      if (!closing) return path;
      memory = undefined;
      for (const other of paths) if (other !== path) rmSync(other, { force: true });
      return path;
    },

    /** Marks a line, in the engine that is in use; false when the book is closed. */
    mark(text: string, engine: Engine = 'rolling'): boolean {
      if (memory === undefined || markOf(text) !== undefined) return false;
      const list = tableField(memory, 'annotations')!;
      if (list.get(1) instanceof Map && typeof (list.get(1) as LuaTable).get('page') !== (engine === 'rolling' ? 'object' : 'number')) return false; // prettier-ignore
      const at = clock.now().toISOString().slice(0, 19).replace('T', ' ');
      const page = engine === 'rolling' ? `/body/p[${text}].0` : list.size + 1;
      const item = { text, datetime: at, drawer: 'lighten', color: 'yellow', page, pos0: page, pos1: page };
      list.set(list.size + 1, luaTable(item));
      return true;
    },

    /** Changes a mark; false when it has none of that text in use. */
    change(text: string, field: 'note' | 'color' | 'drawer', word: string): boolean {
      const found = markOf(text);
      if (found === undefined) return false;
      found.item.set(field, luaString(word));
      found.item.set('datetime_updated', stamp());
      return true;
    },

    /** Removes a mark; false when it has none of that text in use. */
    unmark(text: string): boolean {
      const found = markOf(text);
      if (found === undefined) return false;
      const rest = [...found.list].filter(([index]) => index !== found.index).map(([, item]) => item);
      found.list.clear();
      for (const [index, item] of rest.entries()) found.list.set(index + 1, item);
      return true;
    },

    /** Changes the summary. */
    say(change: { rating?: number; status?: string; note?: string }): boolean {
      if (memory === undefined) return false;
      const table = summary();
      if (change.rating !== undefined) table.set('rating', change.rating);
      if (change.status !== undefined) table.set('status', luaString(change.status));
      if (change.note !== undefined) table.set('note', luaString(change.note));
      return true;
    },

    /** Reads on to this part of the book. */
    read(part: number): boolean {
      if (memory === undefined) return false;
      memory.set('percent_finished', part);
      memory.set('last_xpointer', luaString(`/body/p[${part}].0`));
      return true;
    },
  };
}

const secondOf = (path: string): number => Math.floor(statSync(path).mtimeMs / 1000);
