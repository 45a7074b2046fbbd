// Changes one part of a KOReader sidecar where it lies: every other byte stays, and none is parsed. Pure.
import { editAnnotation, editSummary } from './edit-sidecar.ts';
import type { SidecarEdit } from './edit-sidecar.ts';
import { findLayout } from './lua-layout.ts';
import type { LuaLayout } from './lua-layout.ts';
import { writeLua, writeLuaValue } from './lua-writer.ts';
import { readLua } from './lua.ts';
import type { LuaTable } from './lua.ts';
import { MARK_LISTS } from './mark-lists.ts';
import { readSidecar } from './sidecar.ts';
import type { SidecarAnnotation, SidecarSummary } from './sidecar.ts';

/** The file after a change of one part, and what that part says then. */
export type SplicedSidecar = { bytes: Buffer } & (
  | { part: 'summary'; summary: SidecarSummary }
  | { part: 'annotation'; annotation: SidecarAnnotation }
);

/**
 * Returns what `rewriteSidecar` would make of the file, without reading the rest of it; `keys` are those of its annotations in
 * their order, as they were read last. Undefined when it takes more than that: for a file that is not laid out as KOReader
 * does, one whose annotations are others than `keys`, and for a change of more than one part.
 */
export function spliceSidecar(
  bytes: Buffer,
  edit: SidecarEdit,
  keys: readonly string[],
): SplicedSidecar | undefined {
  if (edit.kind !== 'summary' && edit.kind !== 'annotation') return undefined;
  const layout = findLayout(bytes);
  if (layout === undefined) return undefined;
  // KOReader deletes a sidecar it cannot load: every byte was looked at, and each part that is put in is read back.
  return edit.kind === 'summary'
    ? spliceSummary(bytes, layout, edit)
    : spliceAnnotation(bytes, layout, edit, keys);
}

function spliceSummary(
  bytes: Buffer,
  { entries, closes }: LuaLayout,
  { change, today }: Extract<SidecarEdit, { kind: 'summary' }>,
): SplicedSidecar {
  const entry = entries.get('summary');
  const table = excerpt(bytes, [['summary', entry]]);
  editSummary(table, change, today);
  const written = writeLuaValue(table.get('summary') ?? new Map(), 1);
  const { summary = {} } = readSidecar(writeLua(table));
  if (entry !== undefined) {
    return { part: 'summary', summary, bytes: replaceParts(bytes, [{ ...place(entry), by: written }]) };
  }
  const next = [...entries].find(([name]) => name > 'summary')?.[1].start ?? closes;
  const made = Buffer.concat([Buffer.from('    ["summary"] = '), written, Buffer.from(',\n')]);
  return { part: 'summary', summary, bytes: replaceParts(bytes, [{ start: next, end: next, by: made }]) };
}

function spliceAnnotation(
  bytes: Buffer,
  { entries, annotations }: LuaLayout,
  { key, change, now }: Extract<SidecarEdit, { kind: 'annotation' }>,
  keys: readonly string[],
): SplicedSidecar | undefined {
  const index = keys.indexOf(key);
  const entry = annotations?.[index];
  if (entry === undefined || annotations?.length !== keys.length) return undefined;
  // The mark may be in more than one list.
  if (MARK_LISTS.some((name) => name !== 'annotations' && entries.has(name))) return undefined;
  const stats = entries.get('stats');
  const table = excerpt(bytes, [['stats', stats]]);
  const list: LuaTable = new Map();
  list.set(1, valueAt(bytes, entry));
  table.set('annotations', list);
  const [before] = readSidecar(writeLua(table)).annotations;
  // Of several that look the same, all but the first have a number behind the key.
  if (before === undefined || before.key !== key.replace(/-\d+$/, '')) return undefined;

  const counters = writeLuaValue(table.get('stats') ?? new Map(), 1);
  editAnnotation(table, 0, change, now);
  const [after] = readSidecar(writeLua(table)).annotations;
  // A bookmark that becomes a highlight is another mark to everybody but KOReader.
  if (after === undefined || after.kind !== before.kind || after.key !== before.key) return undefined;

  const parts = [{ ...place(entry), by: writeLuaValue(list.get(1) ?? new Map(), 2) }];
  const counted = writeLuaValue(table.get('stats') ?? new Map(), 1);
  if (stats !== undefined && !counted.equals(counters)) parts.push({ ...place(stats), by: counted });
  return {
    part: 'annotation',
    annotation: { ...after, index, key },
    bytes: replaceParts(bytes, parts),
  };
}

type Place = { start: number; end: number };
type Entry = { valueStart: number; valueEnd: number };

const place = ({ valueStart, valueEnd }: Entry): Place => ({ start: valueStart, end: valueEnd });

/** A table with these entries of the file and no others. */
function excerpt(bytes: Buffer, parts: [name: string, entry: Entry | undefined][]): LuaTable {
  const table: LuaTable = new Map();
  for (const [name, entry] of parts) if (entry !== undefined) table.set(name, valueAt(bytes, entry));
  return table;
}

function valueAt(bytes: Buffer, { valueStart, valueEnd }: Entry) {
  const source = Buffer.concat([
    Buffer.from('return {'),
    bytes.subarray(valueStart, valueEnd),
    Buffer.from('}'),
  ]);
  return readLua(source).table.get(1) ?? new Map();
}

/** The bytes with some parts replaced, which may come in any order and do not overlap. */
function replaceParts(bytes: Buffer, parts: readonly (Place & { by: Buffer })[]): Buffer {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const { start, end, by } of parts.toSorted((a, b) => a.start - b.start)) {
    pieces.push(bytes.subarray(at, start), by);
    at = end;
  }
  return Buffer.concat([...pieces, bytes.subarray(at)]);
}
