// Builds KOReader's Lua files from plain values.
import { writeLua } from '../../server/formats/koreader/lua-writer.ts';
import { luaString } from '../../server/formats/koreader/lua.ts';
import type { LuaTable, LuaValue } from '../../server/formats/koreader/lua.ts';

/** Arrays count from 1; a Map keeps keys that are no text; a Buffer is a string of exactly these bytes. */
export type LuaContent =
  | string
  | number
  | boolean
  | Buffer
  | LuaContent[]
  | Map<number | boolean, LuaContent>
  | { [key: string]: LuaContent | undefined };

/** Returns a Lua table of plain values. */
export function luaTable(
  content: LuaContent[] | Map<number | boolean, LuaContent> | Record<string, LuaContent | undefined>,
): LuaTable {
  const table: LuaTable = new Map();
  if (Array.isArray(content)) content.forEach((item, index) => table.set(index + 1, luaValue(item)));
  else if (content instanceof Map) for (const [key, item] of content) table.set(key, luaValue(item));
  else {
    for (const [key, item] of Object.entries(content)) {
      if (item !== undefined) table.set(luaString(key).bytes, luaValue(item));
    }
  }
  return table;
}

function luaValue(content: LuaContent): LuaValue {
  if (typeof content === 'string') return luaString(content);
  if (typeof content !== 'object') return content;
  return Buffer.isBuffer(content) ? { bytes: content.toString('latin1') } : luaTable(content);
}

/** Returns the bytes of a sidecar as KOReader writes it, with its path in the first line. */
export function makeSidecar(
  content: Record<string, LuaContent | undefined>,
  path = '/mnt/onboard/Book.sdr/metadata.epub.lua',
): Buffer {
  return writeLua(luaTable(content), luaString(path));
}
