import { get } from 'node:http';
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aHighlight } from '../../support/builders.ts';
import type { Answer, Refusal } from '../../support/client.ts';
import { at } from '../../support/clock.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { makeSidecar } from '../../support/make-sidecar.ts';
import { koreaderChecksum, startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

const sea = makeEpub({ title: 'Sea: a/b <i>', authors: ['Ann', 'Боб'] });
const sidecar = makeSidecar({
  partial_md5_checksum: koreaderChecksum(sea),
  annotations: [
    aHighlight(1, { text: 'Волна и 漢', note: 'Σημείωση' }),
    aHighlight(2, { text: '=1+1', color: 'red', chapter: 'Two_2', note: '<script>x()</script>' }),
    aHighlight(3, { text: '# A *line*\nand another', color: 'red' }),
  ],
});

let server: TestServer;
let token: string;
let stranger: string;
let seaId: string;
let paperId: string;
beforeAll(async () => {
  const files = { 'sea.epub': sea, 'sea.sdr/metadata.epub.lua': sidecar };
  // No letters but our own: which others there are is this computer's.
  server = await startTestServer({ clock: at('2026-03-14T12:00:00Z'), files, ports: { pdfFamilies: [] } });
  token = await server.claim();
  stranger = await server.signUp('stranger@example.org');
  const { books } = (await ask('GET', '/books')).json() as { books: { book_id: string }[] };
  seaId = books[0]!.book_id;
  const paper = await ask('POST', '/books', { title: 'Atlas', author: 'Cid' });
  paperId = (paper.json() as { book_id: string }).book_id;
  const mark = { selected_text: 'Maps', start_position: 'a', end_position: 'b', page_number: 7 };
  await ask('POST', `/books/${paperId}/annotations`, mark);
});
afterAll(() => server.close());

const ask = (method: string, path: string, body?: unknown, as = token): Promise<Answer> =>
  server.papyrus(method, path, body, as);
const exported = async (body: object): Promise<Answer> => {
  const answer = await ask('POST', '/annotations/export', body);
  expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
  return answer;
};
const ofSea = (query: string, as = token): Promise<Answer> =>
  ask('GET', `/books/${seaId}/annotations/export?${query}`, undefined, as);
const refused = (answer: Answer): [number, string] => [answer.status, (answer.json() as Refusal).error.code];
const printed = async (bytes: Uint8Array): Promise<string> => {
  const document = await getDocument({ data: new Uint8Array(bytes) }).promise;
  const pages = [];
  for (let number = 1; number <= document.numPages; number += 1) {
    const { items } = await (await document.getPage(number)).getTextContent();
    pages.push(items.map((item) => ('str' in item ? item.str + (item.hasEOL ? '\n' : '') : '')).join(''));
  }
  return pages.join('\n');
};

type Json = { count: number; groups: { headings: string[]; annotations: { selected_text: string }[] }[] };
const groupsOf = (answer: Answer) =>
  (answer.json() as Json).groups.map(({ headings, annotations }) => [
    headings.join(' / '),
    annotations.map((each) => each.selected_text),
  ]);

describe('an export of annotations', () => {
  it('is Markdown in which nothing that was marked is markup', async () => {
    const answer = await exported({ format: 'markdown' });
    expect(answer.headers).toMatchObject({
      'content-type': 'text/markdown; charset=utf-8',
      'content-disposition': "attachment; filename*=UTF-8''Annotations%202026-03-14.md",
      'x-content-type-options': 'nosniff',
    });
    expect(answer.text).toBe(`# Annotations

4 highlights, exported 2026-03-14

## Atlas

Cid

> Maps

*p. 7 · 2026-03-14 · yellow*

## Sea: a/b \\<i\\>

Ann, Боб

> Волна и 漢

**Note:** Σημείωση  

*One · p. 1 · 2024-01-01 · yellow*

> \\=1+1

**Note:** \\<script\\>x()\\</script\\>  

*Two\\_2 · p. 2 · 2024-01-02 · red*

> \\# A \\*line\\*
> and another

*One · p. 3 · 2024-01-03 · red*

`);
  });

  it('is plain text', async () => {
    const answer = await exported({ format: 'txt', book_ids: [paperId] });
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(answer.text).toBe(
      'Annotations\n1 highlight, exported 2026-03-14\n\n\nAtlas\nCid\n=====\n\nMaps\n  (p. 7, 2026-03-14, yellow)\n\n',
    );
  });

  it('is a page of HTML that loads and runs nothing', async () => {
    const answer = await exported({ format: 'html' });
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(answer.text).toContain('Content-Security-Policy" content="default-src \'none\'');
    expect(answer.text).toContain('<h2 dir="auto">Sea: a/b &lt;i&gt;</h2>');
    expect(answer.text).toContain('&lt;script&gt;x()&lt;/script&gt;');
    expect(answer.text).toContain('style="--mark: #FF3300">=1+1</blockquote>');
    expect(answer.text).not.toMatch(/<script|<i>|src=|href=|url\(/i);
    expect(answer.text.endsWith('</html>\n')).toBe(true);
  });

  it('is CSV as Readwise imports it, whose cells no spreadsheet takes for formulas', async () => {
    const answer = await exported({ format: 'csv', colors: ['RED'], include_context: true });
    expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(answer.text.split('\r\n')).toEqual([
      'Highlight,Title,Author,URL,Note,Location,Date,Chapter,Color',
      '\'=1+1,Sea: a/b <i>,"Ann, Боб",,<script>x()</script>,2,2024-01-02 10:00:00,Two_2,red',
      '"# A *line*\nand another",Sea: a/b <i>,"Ann, Боб",,,3,2024-01-03 10:00:00,One,red',
      '',
    ]);
    const without = await exported({ format: 'csv', colors: ['RED'], include_notes: false });
    expect(without.text).not.toContain('script');
  });

  it('is text Anki imports: headers, then a note a line in which nothing is markup', async () => {
    const answer = await exported({ format: 'anki', book_ids: [seaId] });
    expect(answer.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-disposition': "attachment; filename*=UTF-8''Annotations%202026-03-14.txt",
    });
    const [separator, html, guid, tags, columns, ...notes] = answer.text.split('\n');
    expect([separator, html, guid, tags]).toEqual([
      '#separator:tab',
      '#html:true',
      '#guid column:1',
      '#tags column:4',
    ]);
    expect(columns).toBe('#columns:GUID\tFront\tBack\tTags');
    expect(notes.pop()).toBe('');
    const fields = notes.map((line) => line.split('\t'));
    const { groups } = (await exported({ format: 'json', book_ids: [seaId] })).json() as {
      groups: { annotations: { annotation_id: string }[] }[];
    };
    expect(fields.map(([id]) => id)).toEqual(groups[0]!.annotations.map((each) => each.annotation_id));
    expect(fields.map((each) => each.slice(1))).toEqual([
      [
        'Волна и 漢',
        'Σημείωση<br><i>Sea: a/b &lt;i&gt;, Ann, Боб</i><br><small>One · p. 1 · 2024-01-01 · yellow</small>',
        'book::Sea:_a/b_<i> color::yellow',
      ],
      [
        '=1+1',
        '&lt;script&gt;x()&lt;/script&gt;<br><i>Sea: a/b &lt;i&gt;, Ann, Боб</i><br><small>Two_2 · p. 2 · 2024-01-02 · red</small>',
        'book::Sea:_a/b_<i> color::red',
      ],
      [
        '# A *line*<br>and another',
        '<i>Sea: a/b &lt;i&gt;, Ann, Боб</i><br><small>One · p. 3 · 2024-01-03 · red</small>',
        'book::Sea:_a/b_<i> color::red',
      ],
    ]);
  });

  it.each(['markdown', 'txt', 'html', 'pdf', 'csv', 'anki'])(
    'in %s shows no CFI and no XPointer to a person, and says how far in the book where it is known',
    async (format) => {
      const book = (await ask('POST', '/books', { title: 'Cliff', author: 'Di' })).json() as {
        book_id: string;
      };
      for (const start_position of ['epubcfi(/6/14!/4/2/1:3)', '/body/DocFragment[3]/body/p[2].0', '0.25'])
        await ask('POST', `/books/${book.book_id}/annotations`, {
          selected_text: 'Cliffs',
          start_position,
          end_position: start_position,
        });
      const answer = await exported({ format, book_ids: [book.book_id], include_context: true });
      const text = format === 'pdf' ? await printed(answer.bytes) : answer.text;
      expect(text).toContain('Cliffs');
      expect(text).not.toMatch(/epubcfi|DocFragment|0\.25/);
      if (format !== 'csv') expect(text).toContain('25 %');
      await ask('DELETE', `/books/${book.book_id}`);
    },
  );

  it('is a PDF that says so in its first line and in a header when it lacks letters', async () => {
    const answer = await exported({ format: 'pdf' });
    const notice = /^Some letters could not be printed: .* Export as HTML to see them all\.$/;
    expect(answer.headers['x-export-notice']).toMatch(notice);
    expect(await printed(answer.bytes)).toContain(answer.headers['x-export-notice']);
    const whole = await exported({ format: 'pdf', book_ids: [paperId] });
    expect(whole.headers['x-export-notice']).toBeUndefined();
    expect(await printed(whole.bytes)).not.toContain('HTML');
    expect((await exported({ format: 'html' })).headers['x-export-notice']).toBeUndefined();
  });

  it('is a PDF with letters of many scripts, and boxes for those it has none for', async () => {
    const answer = await exported({ format: 'pdf' });
    expect(answer.headers['content-type']).toBe('application/pdf');
    expect(answer.headers['content-disposition']).toContain('.pdf');
    const text = await printed(answer.bytes);
    for (const part of [
      '4 highlights',
      'Atlas',
      'Ann, Боб',
      'Волна и □',
      'Σημείωση',
      '=1+1',
      '<script>x()</script>',
    ])
      expect(text).toContain(part);
    expect(text).toContain('One · p. 3 · 2024-01-03');
  });

  it.each([
    [
      'book',
      [
        ['Atlas', ['Maps']],
        ['Sea: a/b <i>', ['Волна и 漢', '=1+1', '# A *line*\nand another']],
      ],
    ],
    [
      'chapter',
      [
        ['Atlas / Without a chapter', ['Maps']],
        ['Sea: a/b <i> / One', ['Волна и 漢', '# A *line*\nand another']],
        ['Sea: a/b <i> / Two_2', ['=1+1']],
      ],
    ],
    [
      'color',
      [
        ['Yellow / Atlas', ['Maps']],
        ['Yellow / Sea: a/b <i>', ['Волна и 漢']],
        ['Red / Sea: a/b <i>', ['=1+1', '# A *line*\nand another']],
      ],
    ],
    [
      'date',
      [
        ['2026-03-14 / Atlas', ['Maps']],
        ['2024-01-03 / Sea: a/b <i>', ['# A *line*\nand another']],
        ['2024-01-02 / Sea: a/b <i>', ['=1+1']],
        ['2024-01-01 / Sea: a/b <i>', ['Волна и 漢']],
      ],
    ],
  ])('is grouped by %s', async (group, expected) => {
    const answer = await exported({ format: 'json', group_by: group, book_ids: [], colors: null });
    expect(groupsOf(answer)).toEqual(expected);
    expect(answer.json()).toMatchObject({
      count: 4,
      group_by: group,
      exported_at: '2026-03-14T12:00:00.000Z',
    });
  });

  it('holds every key of a highlight in JSON, the note only when it is asked for', async () => {
    const [group] = ((await exported({ format: 'json', book_ids: [paperId] })).json() as Json).groups;
    expect(group!.annotations).toEqual([
      {
        annotation_id: expect.any(String),
        book_id: paperId,
        book_title: 'Atlas',
        author: 'Cid',
        selected_text: 'Maps',
        note: null,
        highlight_color: '#FFEB3B',
        chapter_title: null,
        chapter_index: null,
        page_number: 7,
        start_position: 'a',
        end_position: 'b',
        created_at: '2026-03-14T12:00:00.000Z',
        updated_at: '2026-03-14T12:00:00.000Z',
      },
    ]);
    const without = await exported({ format: 'json', include_notes: false });
    expect(without.text).not.toContain('"note"');
  });

  it('comes in JSON when that is what is accepted, or when it is asked for', async () => {
    const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
    const path = '/v1/annotations/export';
    const body = { format: 'markdown', colors: ['red'] };
    const wrapped = await server.get(path, { method: 'POST', body, headers });
    const plain = await exported(body);
    expect(wrapped.json()).toEqual({
      format: 'markdown',
      filename: 'Annotations 2026-03-14.md',
      encoding: 'utf-8',
      content: plain.text,
    });
    const bare = await server.get(`${path}?envelope=false`, { method: 'POST', body, headers });
    expect(bare.text).toBe(plain.text);
    const json = await server.get(path, { method: 'POST', body: { format: 'json' }, headers });
    expect(json.json()).toHaveProperty('groups');
    const pdf = (await ofSea('format=pdf&envelope=true')).json() as Record<string, string>;
    expect(pdf).toMatchObject({ format: 'pdf', encoding: 'base64', filename: 'Sea a b i - annotations.pdf' });
    expect(await printed(Buffer.from(pdf['content']!, 'base64'))).toContain('Волна');
  });

  it('of one book has only its own and a name any system takes', async () => {
    const answer = await ofSea('format=json&include_notes=false');
    expect(groupsOf(answer)).toEqual([['Sea: a/b <i>', ['Волна и 漢', '=1+1', '# A *line*\nand another']]]);
    expect(answer.headers['content-disposition']).toBe(
      "attachment; filename*=UTF-8''Sea%20a%20b%20i%20-%20annotations.json",
    );
  });

  it('of nothing is a whole document all the same', async () => {
    for (const format of ['markdown', 'txt', 'html', 'csv', 'json', 'pdf', 'anki']) {
      const answer = await ask('POST', '/annotations/export', { format, book_ids: [seaId] }, stranger);
      expect([format, answer.status]).toEqual([format, 200]);
      if (format === 'pdf') expect(await printed(answer.bytes)).toContain('0 highlights');
      else expect(answer.text).not.toContain('Волна');
    }
  });

  it('leaves nothing running when readers of a PDF go away half way', async () => {
    for (let reader = 0; reader < 4; reader += 1) {
      await new Promise<void>((resolve, reject) => {
        const headers = { authorization: `Bearer ${token}` };
        const url = `${server.url}/v1/books/${seaId}/annotations/export?format=pdf`;
        get(url, { headers }, (incoming) => {
          incoming.on('error', () => {});
          incoming.on('close', resolve);
          incoming.destroy();
        }).on('error', reject);
      });
    }
    expect(await printed((await ofSea('format=pdf')).bytes)).toContain('Волна');
  });

  it('refuses what it does not know, and a book of somebody else is not there', async () => {
    expect(refused(await ofSea('format=json', stranger))).toEqual([404, 'NOT_FOUND']);
    expect(refused(await ofSea(''))).toEqual([400, 'VALIDATION_ERROR']);
    expect(refused(await ofSea('format=docx'))).toEqual([400, 'VALIDATION_ERROR']);
    expect(refused(await ofSea('format=pdf&include_notes=1'))).toEqual([400, 'VALIDATION_ERROR']);
    for (const body of [
      {},
      { format: 'exe' },
      { format: 'json', group_by: 'author' },
      { format: 'json', book_ids: ['x'] },
      { format: 'json', colors: 'red' },
      { format: 'json', include_notes: 'yes' },
    ])
      expect(refused(await ask('POST', '/annotations/export', body))).toEqual([400, 'VALIDATION_ERROR']);
  });
});
