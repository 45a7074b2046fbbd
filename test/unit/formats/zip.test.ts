import { describe, expect, it } from 'vitest';
import { openZip, type Zip, type ZipLimits } from '../../../server/formats/archive/zip.ts';
import { withBookFile } from '../../support/book-file.ts';
import { writeZip, type ZipPart } from '../../support/zip-writer.ts';

const withZip = <T>(
  bytes: Uint8Array,
  use: (zip: Zip) => T | Promise<T>,
  limits?: Partial<ZipLimits>,
): Promise<T> => withBookFile(bytes, 'book.zip', async (source) => use(await openZip(source, limits)));

const readAll = (bytes: Uint8Array, name: string, limitBytes = 1_000_000): Promise<string> =>
  withZip(bytes, async (zip) => {
    const entry = zip.find(name);
    if (!entry) throw new Error(`There is no ${name}.`);
    return (await zip.read(entry, limitBytes)).toString();
  });

const long = 'All work and no play. '.repeat(50_000);

describe('openZip', () => {
  it('lists files in their order, without directories', async () => {
    const bytes = writeZip([
      { name: 'b/' },
      { name: 'b/2.txt', content: 'two' },
      { name: 'a.txt', content: 'a' },
    ]);
    const listed = await withZip(bytes, ({ entries }) =>
      entries.map(({ name, sizeBytes }) => [name, sizeBytes]),
    );
    expect(listed).toEqual([
      ['b/2.txt', 3],
      ['a.txt', 1],
    ]);
  });

  it('reads stored and deflated files, short and long', async () => {
    const bytes = writeZip([
      { name: 'stored', content: 'as it is', isStored: true },
      { name: 'short', content: 'short' },
      { name: 'long', content: long },
      { name: 'empty' },
    ]);
    expect(await readAll(bytes, 'stored')).toBe('as it is');
    expect(await readAll(bytes, 'short')).toBe('short');
    expect(await readAll(bytes, 'long', long.length)).toBe(long);
    expect(await readAll(bytes, 'empty')).toBe('');
  });

  it('opens an archive with a comment and with bytes behind its end', async () => {
    const parts = [{ name: 'a', content: 'x' }];
    expect(await readAll(writeZip(parts, { comment: 'made by PK\x05\x06 hand' }), 'a')).toBe('x');
    expect(await readAll(writeZip(parts, { trailing: Buffer.alloc(2000, 7) }), 'a')).toBe('x');
  });

  it('refuses an empty file, one without an end and one that was cut', async () => {
    const whole = writeZip([{ name: 'a', content: long }]);
    await expect(withZip(Buffer.alloc(0), () => 0)).rejects.toMatchObject({ reason: 'empty' });
    await expect(withZip(Buffer.from('just text'), () => 0)).rejects.toMatchObject({ reason: 'corrupt' });
    await expect(withZip(whole.subarray(0, -30), () => 0)).rejects.toMatchObject({ reason: 'corrupt' });
    await expect(withZip(whole.subarray(500), () => 0)).rejects.toMatchObject({ reason: 'corrupt' });
  });

  it('refuses an archive that says it has more entries than it lists', async () => {
    const bytes = writeZip([{ name: 'a' }], { entryCount: 5 });
    await expect(withZip(bytes, () => 0)).rejects.toMatchObject({ reason: 'corrupt' });
  });

  it('refuses too many entries before it reads them', async () => {
    const bytes = writeZip(Array.from({ length: 30 }, (_, index) => ({ name: `${index}` })));
    await expect(withZip(bytes, () => 0, { maxEntries: 29 })).rejects.toMatchObject({ reason: 'too_large' });
    expect(await withZip(bytes, ({ entries }) => entries.length, { maxEntries: 30 })).toBe(30);
  });

  it('leaves out names that lead outside and symbolic links, and counts them', async () => {
    const parts: ZipPart[] = [
      { name: '../evil' },
      { name: 'a/../../evil' },
      { name: '/etc/passwd' },
      { name: 'C:\\evil' },
      { name: '..\\..\\evil' },
      { name: 'nul\0.txt' },
      { name: '' },
      { name: 'link', content: '/etc/passwd', isSymbolicLink: true },
      { name: 'good..name', content: 'good' },
    ];
    const listed = await withZip(writeZip(parts), ({ entries, refusedCount }) => ({
      names: entries.map(({ name }) => name),
      refusedCount,
    }));
    expect(listed).toEqual({ names: ['good..name'], refusedCount: 8 });
  });

  it('takes backslashes for the separators they were', async () => {
    expect(await readAll(writeZip([{ name: 'OEBPS\\a.txt', content: 'x' }]), 'OEBPS/a.txt')).toBe('x');
  });

  it('reads names as UTF-8, said or not, else as CP437', async () => {
    const parts: ZipPart[] = [
      { name: 'é-said', isUtf8: true },
      { name: 'é-unsaid' },
      { name: Buffer.from([0x82, 0x2e, 0x81]) },
    ];
    const names = await withZip(writeZip(parts), ({ entries }) => entries.map(({ name }) => name));
    expect(names).toEqual(['é-said', 'é-unsaid', 'é.ü']);
  });
});

describe('find', () => {
  const bytes = writeZip([
    { name: 'OEBPS/Text.xhtml', content: '1' },
    { name: 'oebps/text.xhtml', content: '2' },
    { name: 'my book.opf', content: '3' },
    { name: '100%25.txt', content: '4' },
    { name: 'e\u0301.txt', content: '5' },
    { name: 'my book.opf', content: '6' },
  ]);

  it.each([
    ['oebps/text.xhtml', '2'],
    ['OEBPS/TEXT.xhtml', '1'],
    ['my%20book.opf', '3'],
    ['MY%20BOOK.OPF', '3'],
    ['100%25.txt', '4'],
    ['\u00e9.txt', '5'],
  ])('finds %s', async (name, content) => {
    expect(await readAll(bytes, name)).toBe(content);
  });

  it.each(['text.xhtml', 'my%2520book.opf', '%', '%zz'])('does not find %s', async (name) => {
    expect(await withZip(bytes, (zip) => zip.find(name))).toBeUndefined();
  });
});

describe('read', () => {
  const refusal = (
    parts: ZipPart[],
    limits?: Partial<ZipLimits>,
    limitBytes = 100_000_000,
  ): Promise<unknown> =>
    withZip(writeZip(parts), (zip) => zip.entries[0] && zip.read(zip.entries[0], limitBytes), limits);

  it('refuses content that is not what its checksum says', async () => {
    await expect(refusal([{ name: 'a', content: 'x', claim: { crc32: 1 } }])).rejects.toMatchObject({
      reason: 'corrupt',
    });
  });

  it('refuses content that is longer or shorter than promised', async () => {
    for (const sizeBytes of [10, long.length - 1, long.length + 1]) {
      await expect(refusal([{ name: 'a', content: long, claim: { sizeBytes } }])).rejects.toMatchObject({
        reason: 'corrupt',
      });
    }
    await expect(
      refusal([{ name: 'a', content: 'abc', isStored: true, claim: { sizeBytes: 2 } }]),
    ).rejects.toMatchObject({ reason: 'corrupt' });
  });

  it('refuses more packed bytes than the archive has, or than the content can need', async () => {
    await expect(
      refusal([
        { name: 'a', content: 'abc', isStored: true, claim: { sizeBytes: 1e6, compressedBytes: 1e6 } },
      ]),
    ).rejects.toMatchObject({ reason: 'corrupt' });
    await expect(
      refusal([{ name: 'a', content: 'abc', claim: { compressedBytes: 0xfffffff0 } }]),
    ).rejects.toMatchObject({ reason: 'corrupt' });
  });

  it('refuses what is not a deflate stream', async () => {
    await expect(
      refusal([{ name: 'a', content: '\xff\xff\xff', isStored: true, claim: { method: 8 } }]),
    ).rejects.toMatchObject({ reason: 'corrupt' });
  });

  it('refuses encrypted files and unknown compression, and still reads the others', async () => {
    await expect(refusal([{ name: 'a', content: 'x', isEncrypted: true }])).rejects.toMatchObject({
      reason: 'encrypted',
    });
    await expect(refusal([{ name: 'a', content: 'x', claim: { method: 14 } }])).rejects.toMatchObject({
      reason: 'unsupported',
    });
    const mixed = writeZip([
      { name: 'locked', isEncrypted: true },
      { name: 'open', content: 'x' },
    ]);
    expect(await readAll(mixed, 'open')).toBe('x');
  });

  it('refuses a file above the limit without unpacking it', async () => {
    await expect(refusal([{ name: 'a', content: long }], {}, long.length - 1)).rejects.toMatchObject({
      reason: 'too_large',
    });
  });

  it('refuses a file that grows too much, but not a small one', async () => {
    const zeros = Buffer.alloc(100_000);
    const limits = { maxRatio: 100, ratioFromBytes: 50_000 };
    await expect(refusal([{ name: 'a', content: zeros }], limits)).rejects.toMatchObject({
      reason: 'too_large',
    });
    expect(await refusal([{ name: 'a', content: zeros }], { ...limits, ratioFromBytes: 100_000 })).toEqual(
      zeros,
    );
  });

  it('refuses to unpack more than the limit from one archive', async () => {
    const bytes = writeZip([
      { name: 'a', content: 'x'.repeat(60) },
      { name: 'b', content: 'y'.repeat(60) },
    ]);
    await withZip(
      bytes,
      async (zip) => {
        const [a, b] = zip.entries;
        if (!a || !b) throw new Error('There are two entries.');
        expect((await zip.read(a, 100)).length).toBe(60);
        await expect(zip.read(b, 100)).rejects.toMatchObject({ reason: 'too_large' });
      },
      { maxTotalBytes: 100 },
    );
  });
});
