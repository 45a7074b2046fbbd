// Looks through a copy of a database from the first page to the last: whole, every reference good, how many rows.
import Database from 'better-sqlite3';

export type DatabaseCheck = {
  /** What is wrong, in SQLite's words; empty when nothing is. */
  problems: string[];
  /** Rows of every table, by its name. */
  counts: Record<string, number>;
};

const SHOWN = 5;

/** Returns what is wrong with the copy and what is in it. A file that is no database is a problem, not an error. */
export function checkDatabase(path: string): DatabaseCheck {
  let db: Database.Database | undefined;
  try {
    db = new Database(path, { fileMustExist: true });
    const problems = (db.pragma(`integrity_check(${SHOWN})`) as { integrity_check: string }[])
      .map((row) => row.integrity_check)
      .filter((line) => line !== 'ok');
    const broken = db.pragma('foreign_key_check') as { table: string }[];
    problems.push(...broken.slice(0, SHOWN).map(({ table }) => `a row of ${table} points nowhere`));
    const names = db
      .prepare(
        "select name from pragma_table_list where schema = 'main' and type = 'table' and name not like 'sqlite\\_%' escape '\\' order by name",
      )
      .pluck()
      .all() as string[];
    const counts: Record<string, number> = {};
    for (const name of names)
      counts[name] = db.prepare(`select count(*) from "${name}"`).pluck().get() as number;
    return { problems, counts };
  } catch (error) {
    return { problems: [error instanceof Error ? error.message : String(error)], counts: {} };
  } finally {
    db?.close();
  }
}
