// Writes a library as one JSON document, a row a line (docs/export-format.md).
import type { Db } from '../catalogue/db.ts';
import { version } from '../base/version.ts';
import { readSection, selectAccount, selectFiles } from './library.queries.ts';
import type { Chosen } from './library.queries.ts';
import { SECTIONS } from './sections.ts';
import type { Part } from './sections.ts';

export const FORMAT = 'papyrus-shelf-library';
/** Raised when an older program could misread what is written. */
export const FORMAT_VERSION = 1;

/** Goes through the document piece by piece. */
export function* writeJson(
  db: Db,
  chosen: Chosen,
  { parts, exportedAt }: { parts: ReadonlySet<Part>; exportedAt: Date },
): Generator<string> {
  const head = {
    format: FORMAT,
    version: FORMAT_VERSION,
    exported_at: exportedAt.toISOString(),
    exported_by: `Papyrus Shelf ${version}`,
    is_whole: chosen.isWhole && parts.size === 4,
    ...(chosen.isWhole ? { account: selectAccount(db, chosen.ownerId) } : {}),
  };
  yield JSON.stringify(head).slice(0, -1);
  for (const section of SECTIONS) {
    const isWanted = !('part' in section) || parts.has(section.part);
    yield* writeList(section.name, isWanted ? readSection(db, section, chosen) : []);
  }
  yield* writeList('files', parts.has('books') ? selectFiles(db, chosen.bookIds) : []);
  yield '\n}\n';
}

function* writeList(name: string, rows: Iterable<object>): Generator<string> {
  yield `,\n"${name}":[`;
  let isFirst = true;
  for (const row of rows) {
    yield (isFirst ? '\n' : ',\n') + JSON.stringify(row);
    isFirst = false;
  }
  yield ']';
}
