import { expect, it } from 'vitest';
import { columnsOf } from '../../../server/portability/columns.queries.ts';
import { SECTIONS, TABLES_LEFT_OUT } from '../../../server/portability/sections.ts';
import { openShelf } from '../../support/catalogue.ts';

const sections = new Map(SECTIONS.map((section) => [columnsOf(section).table, section]));

it('tells of every table, or says why not', () => {
  const { rows } = openShelf();
  const tables = rows(
    "select name from pragma_table_list where schema = 'main' and type = 'table' and name not like 'sqlite_%'",
  ).map(({ name }) => name as string);
  const unknown = tables.filter((name) => !sections.has(name) && TABLES_LEFT_OUT[name] === undefined);
  expect(unknown).toEqual([]);
  expect([...sections.keys()].filter((name) => name in TABLES_LEFT_OUT)).toEqual([]);
});

it.each([...sections])('has every column of %s in it, or says why not', (table, section) => {
  const { rows } = openShelf();
  const inFile = rows(`select name from pragma_table_info('${table}')`).map(({ name }) => name as string);
  const snake = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const told = [
    ...columnsOf(section).columns.map(({ name }) => name),
    ...Object.keys(section.leftOut).map(snake),
  ];
  expect(told.toSorted()).toEqual(inFile.toSorted());
  expect(Object.values(section.leftOut).every((reason) => reason.length > 10)).toBe(true);
});
