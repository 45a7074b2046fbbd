import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
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

  it('say so when somebody changed the file', async () => {
    await openSealedFile(folder).set('token', 'value');
    const path = join(folder, 'secrets.sealed');
    const bytes = readFileSync(path);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(path, bytes);
    await expect(openSealedFile(folder).get('token')).rejects.toThrow('cannot be opened');
  });
});
