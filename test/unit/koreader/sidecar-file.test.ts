import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  isSameVersion,
  recentlyWritten,
  wasReplaced,
  withSidecar,
} from '../../../server/koreader/sidecar-file.ts';
import type { SidecarVersion } from '../../../server/koreader/sidecar-file.ts';
import type { Refused } from './faulty-writer.ts';
import { newText, oldText } from './sidecar-texts.ts';

const WRITER = fileURLToPath(new URL('faulty-writer.ts', import.meta.url));
const LEFT = '.papyrus-shelf-0123456789abcdef.tmp';
const isRoot = process.getuid?.() === 0;

let root: string;
let path: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'sidecar-')));
  path = join(root, 'library/Book.sdr/metadata.epub.lua');
  mkdirSync(dirname(path), { recursive: true });
  put(path, oldText);
});
afterEach(() => rmSync(root, { recursive: true }));

const put = (where: string, text: string, secondsOld = 3600): void => {
  writeFileSync(where, text);
  const time = Date.now() / 1000 - secondsOld;
  utimesSync(where, time, time);
};
const read = (where: string): string => readFileSync(where, 'utf8');
const versionOf = (where: string): SidecarVersion => {
  const { size, mtimeMs } = statSync(where);
  return { sizeBytes: size, modifiedMs: Math.floor(mtimeMs) };
};
const folders = () => [Buffer.from(join(root, 'library'))];
const replace = (text: string, where = path): Promise<SidecarVersion> =>
  withSidecar(Buffer.from(where), { folders: folders() }, ({ write }) => write(Buffer.from(text)));
/** Runs `fn` as if two minutes had gone by: nobody can say when an inode was changed. */
const later = async <T>(fn: () => Promise<T>): Promise<T> => {
  const now = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 120_000);
  try {
    return await fn();
  } finally {
    now.mockRestore();
  }
};
const names = () => readdirSync(dirname(path)).sort();

describe('replacing a sidecar', () => {
  it('puts the new content in its place and says what it looks like now', async () => {
    const version = await replace(newText);
    expect(read(path)).toBe(newText);
    expect(version).toEqual(versionOf(path));
  });

  it('hands over the content and the version there is', async () => {
    const seen = await withSidecar(Buffer.from(path), { folders: folders() }, async (file) => ({ ...file }));
    expect([seen.bytes.toString(), seen.version, seen.path.toString()]).toEqual([
      oldText,
      versionOf(path),
      path,
    ]);
  });

  it.each([0o600, 0o640, 0o664])('keeps the mode %o', async (mode) => {
    chmodSync(path, mode);
    await replace(newText);
    expect(statSync(path).mode & 0o7777).toBe(mode);
    expect(statSync(`${path}.old`).mode & 0o7777).toBe(mode);
  });

  it.runIf(isRoot)('keeps the owner and the group', async () => {
    chownSync(path, 12_345, 23_456);
    chmodSync(path, 0o2640);
    await replace(newText);
    const { uid, gid, mode } = statSync(path);
    expect([uid, gid, mode & 0o7777]).toEqual([12_345, 23_456, 0o2640]);
  });

  it.skipIf(isRoot)('leaves a file alone that may only be read', async () => {
    chmodSync(path, 0o444);
    await expect(replace(newText)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(read(path)).toBe(oldText);
  });

  it('opens a name that is no UTF-8', async () => {
    const odd = Buffer.concat([
      Buffer.from(join(root, 'library/')),
      Buffer.from([0xff]),
      Buffer.from('.sdr'),
    ]);
    mkdirSync(odd);
    const inside = Buffer.concat([odd, Buffer.from('/metadata.epub.lua')]);
    writeFileSync(inside, oldText);
    await withSidecar(inside, { folders: folders() }, ({ write }) => write(Buffer.from(newText)));
    expect(readFileSync(inside, 'utf8')).toBe(newText);
  });
});

describe("KOReader's backup", () => {
  it('is kept of a file that is a minute old, with its own time', async () => {
    put(path, oldText, 61);
    const before = versionOf(path);
    put(`${path}.old`, 'older');
    await replace(newText);
    expect([read(path), read(`${path}.old`)]).toEqual([newText, oldText]);
    expect(versionOf(`${path}.old`)).toEqual(before);
    expect(names()).toEqual(['metadata.epub.lua', 'metadata.epub.lua.old']);
  });

  it('is not made of a younger file, and one that is there stays', async () => {
    put(path, oldText, 50);
    await replace(newText);
    expect(names()).toEqual(['metadata.epub.lua']);
    put(`${path}.old`, 'older');
    await replace(oldText);
    expect(read(`${path}.old`)).toBe('older');
  });

  it('becomes the sidecar where that is missing, as after a crash', async () => {
    renameSync(path, `${path}.old`);
    const expected = () => versionOf(path);
    const written = await withSidecar(Buffer.from(path), { folders: folders(), expected }, async (file) => {
      expect(file.bytes.toString()).toBe(oldText);
      return file.write(Buffer.from(newText));
    });
    expect([read(path), versionOf(path)]).toEqual([newText, written]);
  });

  it('is written to under the name of the sidecar when the catalogue knows only the backup', async () => {
    renameSync(path, `${path}.old`);
    await replace(newText, `${path}.old`);
    expect(read(path)).toBe(newText);
    expect(read(`${path}.old`)).toBe(oldText);
  });
});

describe('a sidecar that is not as it was', () => {
  const stale = { kind: 'stale' };

  it.each([
    ['its size', () => put(path, `${oldText}\n`)],
    ['its time', () => utimesSync(path, 1_700_000_000, 1_700_000_000)],
  ])('is not written to when %s changed since it was looked at', async (_, change) => {
    const expected = versionOf(path);
    change();
    const text = read(path);
    const options = { folders: folders(), expected: () => expected };
    let wasCalled = false;
    const opening = withSidecar(Buffer.from(path), options, async () => {
      wasCalled = true;
    });
    await expect(opening).rejects.toMatchObject(stale);
    expect([read(path), wasCalled]).toEqual([text, false]);
  });

  it('is not written to when it changes while the change is worked out', async () => {
    const attempt = withSidecar(Buffer.from(path), { folders: folders() }, async ({ write }) => {
      put(path, 'from the device', 0);
      return write(Buffer.from(newText));
    });
    await expect(attempt).rejects.toMatchObject(stale);
    expect(read(path)).toBe('from the device');
    expect(names()).toEqual(['metadata.epub.lua']);
  });

  it('is not made anew when it is gone', async () => {
    rmSync(path);
    await expect(replace(newText)).rejects.toMatchObject(stale);
    rmSync(dirname(path), { recursive: true });
    await expect(replace(newText)).rejects.toMatchObject(stale);
    expect(existsSync(dirname(path))).toBe(false);
  });
});

describe('one after another', () => {
  it('works on one sidecar for one caller at a time, in the order they came', async () => {
    const steps: string[] = [];
    const visit = (name: string, ms: number) =>
      withSidecar(Buffer.from(path), { folders: folders() }, async ({ bytes, write }) => {
        steps.push(`${name} in ${bytes.length}`);
        await new Promise((resolve) => {
          setTimeout(resolve, ms);
        });
        await write(Buffer.concat([bytes, Buffer.from(' ')]));
        steps.push(`${name} out`);
      });
    await Promise.all([visit('a', 20), visit('b', 5), visit('c', 0)]);
    const [size] = [oldText.length];
    expect(steps).toEqual([
      `a in ${size}`,
      'a out',
      `b in ${size + 1}`,
      'b out',
      `c in ${size + 2}`,
      'c out',
    ]);
    expect(read(path)).toBe(`${oldText}   `);
  });

  it('goes on after a caller who failed', async () => {
    const failing = withSidecar(Buffer.from(path), { folders: folders() }, async () => {
      throw new Error('mine');
    });
    const next = replace(newText);
    await expect(failing).rejects.toThrow('mine');
    await next;
    expect(read(path)).toBe(newText);
  });
});

describe('links', () => {
  it('are written through to their file in the library, the backup lies beside the link', async () => {
    const real = join(root, 'library/real.lua');
    renameSync(path, real);
    symlinkSync(real, path);
    await replace(newText);
    expect([read(real), read(`${path}.old`)]).toEqual([newText, oldText]);
    expect(realpathSync(path)).toBe(real);
    expect(readdirSync(dirname(real)).sort()).toEqual(['Book.sdr', 'real.lua']);
  });

  it('that lead out of the library are not followed', async () => {
    const outside = join(root, 'outside.lua');
    renameSync(path, outside);
    symlinkSync(outside, path);
    await expect(replace(newText)).rejects.toMatchObject({ kind: 'forbidden' });
    expect(read(outside)).toBe(oldText);
    expect(names()).toEqual(['metadata.epub.lua']);
  });

  it('in the place of the folder are not followed out of the library either', async () => {
    mkdirSync(join(root, 'elsewhere'));
    renameSync(path, join(root, 'elsewhere/metadata.epub.lua.old'));
    rmSync(dirname(path), { recursive: true });
    symlinkSync(join(root, 'elsewhere'), dirname(path));
    await expect(replace(newText)).rejects.toMatchObject({ kind: 'forbidden' });
    expect(readdirSync(join(root, 'elsewhere'))).toEqual(['metadata.epub.lua.old']);
  });

  it('that lead nowhere now are left as they are', async () => {
    renameSync(path, `${path}.old`);
    symlinkSync(join(root, 'unplugged/metadata.epub.lua'), path);
    await expect(replace(newText)).rejects.toMatchObject({ kind: 'stale' });
    expect(names()).toEqual(['metadata.epub.lua', 'metadata.epub.lua.old']);
  });
});

describe('what this process wrote', () => {
  it('is known for a moment, and so is its backup', async () => {
    expect(recentlyWritten(path)).toBe(false);
    await replace(newText);
    expect([path, `${path}.old`, Buffer.from(path)].map(recentlyWritten)).toEqual([true, true, true]);
    expect(recentlyWritten(join(dirname(path), 'metadata.pdf.lua'))).toBe(false);
  });

  it('is not what a device wrote right after', async () => {
    await replace(newText);
    put(path, 'from the device', 0);
    expect([path, `${path}.old`].map(recentlyWritten)).toEqual([false, false]);
  });

  it('is forgotten when the caller could not finish what goes with it', async () => {
    const attempt = withSidecar(Buffer.from(path), { folders: folders() }, async ({ write }) => {
      await write(Buffer.from(newText));
      throw new Error('no room in the catalogue');
    });
    await expect(attempt).rejects.toThrow('no room in the catalogue');
    expect(recentlyWritten(path)).toBe(false);
  });

  it('was not written when nothing took the old one’s place', async () => {
    await expect(
      withSidecar(Buffer.from(path), { folders: folders() }, async ({ write }) => {
        put(path, 'from the device', 0);
        return write(Buffer.from(newText));
      }),
    ).rejects.toMatchObject({ kind: 'stale' });
    expect(recentlyWritten(path)).toBe(false);
  });

  it('tells readings from before it: every version it replaced, and no other', async () => {
    const first = versionOf(path);
    const second = await replace(newText);
    const third = await replace(`${newText} `);
    expect(isSameVersion(second, third)).toBe(false);
    expect([first, second, third].map((version) => wasReplaced(Buffer.from(path), version))).toEqual([
      true,
      true,
      false,
    ]);
    // An old copy that somebody puts back, with its time, is what is there.
    put(path, oldText);
    const old = statSync(path);
    const copy = { sizeBytes: old.size, modifiedMs: Math.floor(old.mtimeMs) };
    const made = await replace(newText);
    expect(wasReplaced(Buffer.from(path), copy)).toBe(true);
    writeFileSync(path, oldText);
    utimesSync(path, old.atime, old.mtime);
    expect([copy, made].map((version) => wasReplaced(Buffer.from(path), version))).toEqual([false, false]);
  });
});

describe('whatever happens meanwhile', () => {
  const runWriter = (...args: string[]) =>
    spawnSync(process.execPath, [WRITER, ...args], {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    });

  it('a process that is killed at any step leaves the old file or the new one, and no half backup', async () => {
    const left = new Set<string>();
    for (let nth = 1; ; nth += 1) {
      for (const name of names()) rmSync(join(dirname(path), name));
      put(path, oldText);
      const { signal, status, stderr } = runWriter('kill', path, String(nth));
      if (signal === null) {
        expect([status, stderr, read(path)]).toEqual([0, '', newText]);
        // Reading, the new file, its backup, two renames and the folder are more than twenty calls.
        expect(nth).toBeGreaterThan(20);
        break;
      }
      expect(signal).toBe('SIGKILL');
      const text = read(path);
      expect([oldText, newText]).toContain(text);
      left.add(text);
      if (existsSync(`${path}.old`)) {
        expect(read(`${path}.old`)).toBe(oldText);
        // KOReader writes over a young sidecar in place: its backup must never be the same file under another name.
        expect(statSync(`${path}.old`).ino).not.toBe(statSync(path).ino);
      }
      // The next change works, and clears away what the dead process left.
      await later(() => replace('return {}\n'));
      expect(read(path)).toBe('return {}\n');
      expect(names().filter((name) => !/^metadata\.epub\.lua(\.old)?$/.test(name))).toEqual([]);
    }
    expect(left).toEqual(new Set([oldText, newText]));
  }, 120_000);

  it('a process that is killed while it writes and writes leaves a whole file, which is whole to every reader', async () => {
    for (const delayMs of [3, 17, 40]) {
      const writer = spawn(process.execPath, [WRITER, 'forever', path], {
        env: { ...process.env, NODE_OPTIONS: '' },
      });
      await new Promise((resolve) => writer.stdout.once('data', resolve));
      const until = performance.now() + delayMs;
      const seen = new Set<string>();
      while (performance.now() < until) seen.add(read(path));
      const ended = new Promise((resolve) => writer.once('close', resolve));
      writer.kill('SIGKILL');
      await ended;
      seen.add(read(path));
      for (const text of seen) expect([oldText, newText]).toContain(text);
    }
  }, 30_000);

  it.each([
    ['ENOSPC', 'The disk with this book is full'],
    ['EIO', "KOReader's file of this book could not be"],
    ['EROFS', 'may not change'],
  ])(
    'a file system that refuses with %s at any step leaves the old file or has the new one, nothing half, and says why',
    (code, message) => {
      const { stdout, stderr } = runWriter('refuse', path, '0', code);
      expect(stderr).toBe('');
      const results = JSON.parse(stdout) as Refused[];
      expect(results.length).toBeGreaterThan(20);
      for (const result of results) {
        expect(result.others.filter((name) => name !== 'metadata.epub.lua.old')).toEqual([]);
        if (result.outcome === 'written') expect(result).toMatchObject({ isNew: true, isOld: false });
        else if (result.outcome === 'forbidden')
          expect(result).toMatchObject({ call: 'realpath', isOld: true });
        else {
          expect(result).toMatchObject({ outcome: 'unavailable', isOld: true, isNew: false });
          expect(result.message).toContain(message);
        }
      }
      const refused = results.filter(({ outcome }) => outcome === 'unavailable').map(({ call }) => call);
      expect(refused).toEqual(
        expect.arrayContaining(['open', 'writeFile', 'sync', 'rename', 'stat', 'read']),
      );
    },
    30_000,
  );

  it('clears away old temporary files of its own, and no others', async () => {
    put(join(dirname(path), LEFT), 'half', 120);
    put(join(dirname(path), 'notes.tmp'), 'theirs', 120);
    put(path, oldText, 5);
    // What a file holds can be older than the file: a backup has the time of what it is a copy of.
    await replace(newText);
    expect(names()).toEqual([LEFT, 'metadata.epub.lua', 'notes.tmp']);
    await later(() => replace(oldText));
    expect(names().filter((name) => !name.endsWith('.old'))).toEqual(['metadata.epub.lua', 'notes.tmp']);
  });
});
