import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const sources = ['main', 'server', 'renderer', 'test', 'e2e', 'scripts'].flatMap((folder) =>
  readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(tsx?|cts|mjs|md)$/.test(name))
    .map((name) => `${folder}/${name}`),
);

const CONTRACTS = ['papyrus', 'koshelf', 'koreader'];
const headingsOf = (contract: string) =>
  [...read(`docs/contracts/${contract}.md`).matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);

/** The headings a text cites, as in: koshelf.md "Days", "Sessions". A comment may break the line after the name. */
const citedIn = (text: string) =>
  [...text.matchAll(/\b(papyrus|koshelf|koreader)\.md((?:,?\s+(?:\*\s+|\/\/\s+)?"[^"\n]+")+)/g)].flatMap(
    ([, contract, words = '']) =>
      [...words.matchAll(/"([^"]+)"/g)].map(([, heading]) => ({ contract, heading })),
  );

describe('what comments cite', () => {
  it('is a heading of a page in docs/contracts', () => {
    const headings = new Map(CONTRACTS.map((contract) => [contract, headingsOf(contract)]));
    const cited = sources.flatMap((path) => citedIn(read(path)).map((citation) => ({ path, ...citation })));
    expect(cited.length).toBeGreaterThan(60);
    expect(cited.filter(({ contract = '', heading }) => !headings.get(contract)?.includes(heading))).toEqual(
      [],
    );
  });

  it('is no document the repository lacks', () => {
    const unknown = /\b(?:[Bb]ehaviour|[Dd]ifferences|[Aa]rchitecture|requirements?) §|\b(?:N?FR|UC)-\d+_\d/;
    expect(sources.filter((path) => !path.endsWith('citations.test.ts') && unknown.test(read(path)))).toEqual(
      [],
    );
  });

  it('is found in one line and over two', () => {
    const words = (text: string) => citedIn(text).map(({ contract, heading }) => `${contract} ${heading}`);
    expect(words('/** So (koshelf.md "Days", "Sessions"). */')).toEqual(['koshelf Days', 'koshelf Sessions']);
    expect(words('// as in papyrus.md\n// "Goals".')).toEqual(['papyrus Goals']);
  });
});
