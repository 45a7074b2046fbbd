import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSealedFile } from '../../../server/secrets/sealed-file.ts';

describe('secrets in a sealed file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'secrets-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('are found again by another opening, until they are removed', async () => {
    await openSealedFile(folder).set('storage/1/password', 'pässword');
    expect(await openSealedFile(folder).get('storage/1/password')).toBe('pässword');
    await openSealedFile(folder).remove('storage/1/password');
    expect(await openSealedFile(folder).get('storage/1/password')).toBeUndefined();
  });

  it('cannot be read in the file, which is for this user alone', async () => {
    await openSealedFile(folder).set('token', 'in-the-open');
    for (const name of readdirSync(folder)) {
      expect(readFileSync(join(folder, name)).includes('in-the-open')).toBe(false);
      expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
    }
  });

  describe.each<[string, (path: (name: string) => string) => void, string[]]>([
    ['was changed', (path) => flip(path('secrets.sealed')), ['secrets.sealed']],
    ['was cut', (path) => truncateSync(path('secrets.sealed'), 5), ['secrets.sealed']],
    ['lost its key', (path) => rmSync(path('secrets.key')), ['secrets.sealed']],
    ['has half a key', (path) => truncateSync(path('secrets.key'), 16), ['secrets.key', 'secrets.sealed']],
  ])('of which the file %s', (_, spoil, names) => {
    it('are put aside whole, and the store goes on without them', async () => {
      await openSealedFile(folder).set('token', 'value');
      spoil((name) => join(folder, name));
      const before = new Map(names.map((name) => [name, readFileSync(join(folder, name))]));
      const aside: string[] = [];
      const store = openSealedFile(folder, (name) => aside.push(name));
      expect(await store.get('token')).toBeUndefined();
      expect(aside).toEqual(names.map((name) => `${name}.damaged-1`));
      for (const [name, bytes] of before)
        expect(readFileSync(join(folder, `${name}.damaged-1`))).toEqual(bytes);
      await store.set('token', 'again');
      expect(await openSealedFile(folder).get('token')).toBe('again');
      expect(aside).toHaveLength(names.length);
    });
  });

  it('are left where they are while the file cannot be read, and that is said', async () => {
    mkdirSync(join(folder, 'secrets.sealed'));
    await expect(openSealedFile(folder).get('token')).rejects.toThrow('The stored passwords cannot be read');
    expect(readdirSync(folder)).toEqual(['secrets.sealed']);
  });
});

function flip(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(path, bytes);
}
