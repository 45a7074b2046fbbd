import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { walkFolder, walkPaths, type FolderEntry } from '../../../server/formats/walk.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'shelf-walk-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const put = (...names: string[]): void => {
  for (const name of names) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), name);
  }
};

const walk = (folder = root): FolderEntry[] => [...walkFolder(Buffer.from(folder))].flat();

const nameOf = (entry: FolderEntry): string => relative(root, Buffer.from(entry.path).toString());
const found = (folder = root): string[] => walk(folder).map((entry) => `${entry.kind} ${nameOf(entry)}`);

describe('walkFolder', () => {
  it('finds books and sidecars at any depth, a folder’s files before its subfolders, by the bytes of their names', () => {
    put('b.epub', 'a/z.pdf', 'a/c/d/e.cbz', 'a/z.sdr/metadata.pdf.lua', 'B.mobi', 'é.epub', 'notes.docx');
    expect(found()).toEqual([
      'book B.mobi',
      'book b.epub',
      'book é.epub',
      'book a/z.pdf',
      'book a/c/d/e.cbz',
      'sidecar a/z.sdr/metadata.pdf.lua',
    ]);
  });

  it('tells size, whole milliseconds and inode of each file', () => {
    put('a.epub');
    const { size, mtimeMs, ino } = statSync(join(root, 'a.epub'));
    expect(walk()).toEqual([
      {
        kind: 'book',
        path: Buffer.from(join(root, 'a.epub')),
        sizeBytes: size,
        modifiedMs: Math.floor(mtimeMs),
        inode: ino,
      },
    ]);
  });

  it('reports of a sidecar folder only what KOReader keeps there', () => {
    put(
      'a.sdr/metadata.epub.lua',
      'a.sdr/metadata.epub.lua.old',
      'a.sdr/custom_metadata.lua',
      'a.sdr/a.epub.annotations.lua',
      'a.sdr/a.epub.lua',
      'a.sdr/cover.JPG',
      'a.sdr/cover.epub',
      'a.sdr/cover.jpg.old',
      'a.sdr/discover.jpg',
      'a.sdr/other.lua',
      'a.sdr/deep/metadata.epub.lua',
      'metadata.epub.lua',
      'cover.jpg',
      'custom_metadata.lua',
    );
    expect(found()).toEqual([
      'marks a.sdr/a.epub.annotations.lua',
      'sidecar a.sdr/a.epub.lua',
      'cover a.sdr/cover.JPG',
      'metadata a.sdr/custom_metadata.lua',
      'sidecar a.sdr/metadata.epub.lua',
      'sidecar-backup a.sdr/metadata.epub.lua.old',
    ]);
  });

  it('finds what an old KOReader kept, and exported marks, right beside a book', () => {
    put(
      'a.pdf',
      'a.pdf.kpdfview.lua',
      'a.pdf.annotations.lua',
      '.annotations.lua',
      '._a.annotations.lua',
      'init.lua',
    );
    expect(found()).toEqual(['book a.pdf', 'marks a.pdf.annotations.lua', 'sidecar a.pdf.kpdfview.lua']);
  });

  it('passes over recycle bins, versions, previews and hidden folders', () => {
    put(
      '.stversions/a.epub',
      '@eaDir/a.epub',
      '__MACOSX/a.epub',
      '.Trash-1000/files/a.epub',
      '$RECYCLE.BIN/a.epub',
      '.git/a.epub',
      '#recycle/a.epub',
      '@Recycle/a.epub',
      '#snapshot/a.epub',
      '@Recently-Snapshot/a.epub',
      '~snapshot/a.epub',
      'RECYCLER/a.epub',
      'Recycled/a.epub',
      '@tmp/a.epub',
      'Network Trash Folder/a.epub',
      'Temporary Items/a.epub',
      'shelf/.caltrash/a.epub',
      '._a.epub',
      'kept/a.epub',
      'snapshots/a.epub',
    );
    expect(found()).toEqual(['book kept/a.epub', 'book snapshots/a.epub']);
  });

  it('passes over hidden files, locks and the copies of programs that sync', () => {
    put(
      '.hidden.epub',
      '~$lock.epub',
      'a.sync-conflict-20260102-101500-ABCDEFG.epub',
      'a.sync-conflict-20260102-101500.epub',
      'a (conflicted copy 2026-01-02 101500).epub',
      'a (Ann’s conflicted copy 2026-01-02).epub',
      'a.sdr/metadata.epub.sync-conflict-20260102-101500-ABCDEFG.lua',
      'a.sdr/metadata.epub.lua',
      'a.epub',
      'The conflicted copy.epub',
      '~kept.epub',
    );
    expect(found()).toEqual([
      'book The conflicted copy.epub',
      'book a.epub',
      'book ~kept.epub',
      'sidecar a.sdr/metadata.epub.lua',
    ]);
  });

  it('finds the books a Kobo reader keeps for itself, which have no endings, and sidecars beside them', () => {
    put('.kobo/kepub/0b2c', '.kobo/kepub/0b2c.sdr/metadata.epub.lua');
    put(
      '.kobo/kepub/list.sqlite',
      '.kobo/KoboReader.sqlite',
      '.kobo/version',
      '.kobo/images/cover',
      'kepub/0b2c',
    );
    expect(found()).toEqual(['book .kobo/kepub/0b2c', 'sidecar .kobo/kepub/0b2c.sdr/metadata.epub.lua']);
  });

  it('counts the files of kinds that are not read, wherever it looks for books', () => {
    put('a.cb7', 'deep/b.CB7', 'c.mht', 'notes.docx', 'cover.jpg', 'metadata.opf', 'zip', '.zip', '.x.zip');
    put('#recycle/d.mht', 'a.sdr/e.mht', '.adds/f.mht', 'g.fb2.zip', 'h.zip');
    const walking = walkFolder(Buffer.from(root));
    let last = walking.next();
    while (last.done !== true) last = walking.next();
    expect(last.value).toEqual({ '.cb7': 2, '.mht': 1, '.docx': 1 });
  });

  it('leaves the program’s own data alone, and what links into it', () => {
    put('own/secret.txt', 'own/files/a.epub', 'a.epub');
    symlinkSync(join(root, 'own/secret.txt'), join(root, 'b.txt'));
    const entries = [...walkFolder(Buffer.from(root), Buffer.from(join(root, 'own')))].flat();
    expect(entries.map((entry) => `${entry.kind} ${nameOf(entry)}`)).toEqual([
      'book a.epub',
      'unreadable b.txt',
    ]);
    const paths = ['own', 'own/secret.txt', 'b.txt'].map((name) => Buffer.from(join(root, name)));
    const again = [...walkPaths(Buffer.from(root), paths, Buffer.from(join(root, 'own')))].flat();
    expect(again.map((entry) => `${entry.kind} ${nameOf(entry)}`)).toEqual(['unreadable b.txt']);
  });

  it('looks for sidecars, not for books, in the folders where reading programs keep their data', () => {
    put(
      '.adds/koreader/docsettings/mnt/a.sdr/metadata.epub.lua',
      '.adds/koreader/help.epub',
      '.kobo/kepub/a.epub',
    );
    expect(found()).toEqual(['sidecar .adds/koreader/docsettings/mnt/a.sdr/metadata.epub.lua']);
  });

  it('enters no linked folder but the root itself, and tells of those that lead out of it', () => {
    put('books/a.epub', 'books/sub/c.epub', 'other/b.epub');
    symlinkSync(join(root, 'other'), join(root, 'books/linked'));
    symlinkSync(join(root, 'other'), join(root, 'books/linked.epub'));
    symlinkSync(join(root, 'other'), join(root, 'books/.hidden'));
    symlinkSync(join(root, 'books'), join(root, 'books/loop'));
    symlinkSync(join(root, 'books/sub'), join(root, 'books/again'));
    symlinkSync(join(root, 'books'), join(root, 'start'));
    expect(found(join(root, 'start'))).toEqual([
      'book start/a.epub',
      'unreadable start/linked',
      'unreadable start/linked.epub',
      'book start/sub/c.epub',
    ]);
    expect(walk(join(root, 'books')).find(({ kind }) => kind === 'unreadable')).toMatchObject({
      reason: 'link',
      message: 'This is a link to a folder, and such links are not followed. Add that folder itself.',
    });
  });

  it('takes a linked file wherever it leads, and tells of a link that leads nowhere', () => {
    put('books/sub/a.epub', 'books-of-others/b.epub');
    symlinkSync(join(root, 'books/sub/a.epub'), join(root, 'books/inside.epub'));
    symlinkSync(join(root, 'books-of-others/b.epub'), join(root, 'books/outside.epub'));
    symlinkSync(join(root, 'nowhere'), join(root, 'books/broken.epub'));
    symlinkSync(join(root, 'nowhere'), join(root, 'books/broken'));
    symlinkSync(join(root, 'books/self.epub'), join(root, 'books/self.epub'));
    expect(found(join(root, 'books'))).toEqual([
      'unreadable books/broken.epub',
      'book books/inside.epub',
      'book books/outside.epub',
      'unreadable books/self.epub',
      'book books/sub/a.epub',
    ]);
    expect(walk(join(root, 'books'))[0]).toMatchObject({
      reason: 'link',
      message: 'This link leads to a file that is not there. Is its drive connected?',
    });
  });

  it.skipIf(process.platform !== 'linux')('keeps names that are not UTF-8 as they are', () => {
    const path = Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xe9, 0xff]), Buffer.from('.epub')]);
    writeFileSync(path, '');
    expect(walk().map((entry) => Buffer.from(entry.path).toString('hex'))).toEqual([path.toString('hex')]);
  });

  it.skipIf(process.platform === 'win32')('passes over what is not a regular file', () => {
    mkdirSync(join(root, 'folder.epub'));
    execFileSync('mkfifo', [join(root, 'pipe.epub')]);
    expect(found()).toEqual([]);
  });

  it.skipIf(process.platform === 'win32')('reports a folder it may not open and goes on', () => {
    put('closed/a.epub', 'open/b.epub');
    chmodSync(root, 0o755);
    chmodSync(join(root, 'closed'), 0);
    // Root may open everything: for the length of the walk the test is nobody.
    const isRoot = process.getuid?.() === 0;
    if (isRoot) process.seteuid?.(65_534);
    try {
      expect(walk().map((entry) => (entry.kind === 'unreadable' ? entry.message : nameOf(entry)))).toEqual([
        'This folder may not be opened.',
        'open/b.epub',
      ]);
    } finally {
      if (isRoot) process.seteuid?.(0);
      chmodSync(join(root, 'closed'), 0o700);
    }
  });

  it('gives chunks of at most 2,000', () => {
    mkdirSync(join(root, 'many'));
    for (let index = 0; index < 2001; index += 1) writeFileSync(join(root, 'many', `${index}.epub`), '');
    put('first.epub');
    expect([...walkFolder(Buffer.from(root))].map((chunk) => chunk.length)).toEqual([2000, 2]);
  });

  it('walks folders nested as deep as the system allows', () => {
    const path = join(root, ...Array.from({ length: 400 }, () => 'd'));
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'deep.epub'), '');
    expect(walk()).toHaveLength(1);
  });

  it('throws when the root is not there', () => {
    expect(() => walk(join(root, 'unplugged'))).toThrow('The folder is not there. Is its disk connected?');
  });
});
