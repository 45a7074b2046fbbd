// Makes small MOBI books for tests: the record container, the headers, EXTH metadata, images and the chapter index.

export type MobiBook = {
  version?: number;
  /** 65001 (UTF-8) or 1252; strings are written in it. */
  codePage?: number;
  fullName?: string;
  /** Windows language id. */
  locale?: number;
  /** Metadata records in order; numbers take four bytes. */
  exth?: [type: number, value: string | number | Uint8Array][];
  images?: Uint8Array[];
  /** Nonzero stands for a locked book. */
  encryptionType?: number;
  textLengthBytes?: number;
  /** In the order of the index, positions in bytes of the text. */
  chapters?: { title: string; position: number; depth: number }[];
};

export type MobiFile = MobiBook & { palmName?: string; kind?: string; kf8?: MobiBook };

/** The bytes of a book; with `kf8`, of a file that holds both kinds. */
export const makeMobi = ({ palmName = 'Palm_name', kind = 'BOOKMOBI', kf8, ...book }: MobiFile): Buffer => {
  const first = makeRecords(book);
  if (kf8 === undefined) return makePalmDatabase(palmName, kind, first);
  const start = first.length + 1;
  const withLink = makeRecords({ ...book, exth: [...(book.exth ?? []), [121, start]] });
  return makePalmDatabase(palmName, kind, [...withLink, Buffer.from('BOUNDARY'), ...makeRecords(kf8)]);
};

/** The bytes of a record container (PalmDB). */
export const makePalmDatabase = (name: string, kind: string, records: readonly Uint8Array[]): Buffer => {
  const header = Buffer.alloc(78);
  header.write(name, 0, 31, 'latin1');
  header.write(kind, 60, 8, 'latin1');
  header.writeUInt16BE(records.length, 76);
  let offset = header.length + records.length * 8 + 2;
  const table = records.map((record, index) => {
    const entry = Buffer.concat([u32(offset), u32(index * 2)]);
    offset += record.length;
    return entry;
  });
  return Buffer.concat([header, ...table, Buffer.alloc(2), ...records]);
};

/** Record 0, the images, then the index. */
const makeRecords = (book: MobiBook): Buffer[] => {
  const { codePage = 65001, images = [], chapters = [] } = book;
  const index = chapters.length === 0 ? [] : makeIndex(chapters, codePage);
  const ncx = index.length === 0 ? none : 1 + images.length;
  return [makeHeader(book, ncx), ...images.map((image) => Buffer.from(image)), ...index];
};

const none = 0xffffffff;
const headerLength = 232;

const makeHeader = (book: MobiBook, ncx: number): Buffer => {
  const { codePage = 65001, fullName = '', exth = [], images = [] } = book;
  const metadata = makeExth(exth, codePage);
  const name = encode(fullName, codePage);
  const header = Buffer.alloc(16 + headerLength);
  header.writeUInt16BE(1, 0);
  header.writeUInt32BE(book.textLengthBytes ?? 0, 4);
  header.writeUInt16BE(book.encryptionType ?? 0, 12);
  header.write('MOBI', 16, 'latin1');
  header.writeUInt32BE(headerLength, 20);
  header.writeUInt32BE(codePage, 28);
  header.writeUInt32BE(book.version ?? 6, 36);
  header.writeUInt32BE(header.length + metadata.length, 84);
  header.writeUInt32BE(name.length, 88);
  header.writeUInt32BE(book.locale ?? 0, 92);
  header.writeUInt32BE(images.length === 0 ? none : 1, 108);
  header.writeUInt32BE(metadata.length === 0 ? 0 : 0x40, 128);
  header.writeUInt32BE(ncx, 244);
  return Buffer.concat([header, metadata, name]);
};

const makeExth = (records: NonNullable<MobiBook['exth']>, codePage: number): Buffer => {
  if (records.length === 0) return Buffer.alloc(0);
  const bodies = records.map(([type, value]) => {
    const data =
      typeof value === 'number' ? u32(value) : typeof value === 'string' ? encode(value, codePage) : value;
    return Buffer.concat([u32(type), u32(data.length + 8), data]);
  });
  const body = Buffer.concat(bodies);
  return Buffer.concat([Buffer.from('EXTH'), u32(body.length + 12), u32(records.length), body]);
};

/** Header, records of entries, one record of titles. Tag 2 is there to be passed over: its size is told in bytes. */
const makeIndex = (chapters: NonNullable<MobiBook['chapters']>, codePage: number): Buffer[] => {
  const tagTable = [
    [1, 1, 0x01, 0],
    [2, 1, 0x18, 0],
    [3, 1, 0x02, 0],
    [4, 1, 0x04, 0],
    [0, 0, 0, 1],
  ];
  const tagx = Buffer.concat([
    Buffer.from('TAGX'),
    u32(12 + tagTable.length * 4),
    u32(1),
    Buffer.from(tagTable.flat()),
  ]);
  const titles: Buffer[] = [];
  let titleOffset = 0;
  const entries = chapters.map(({ title, position, depth }, number) => {
    const text = encode(title, codePage);
    const titleEntry = Buffer.concat([packed(text.length), text]);
    titles.push(titleEntry);
    const name = Buffer.from(String(number).padStart(3, '0'));
    const length = Buffer.concat([packed(20_000), packed(1)]);
    const entry = [Buffer.from([name.length]), name, Buffer.from([0x1f]), packed(length.length)];
    const values = [packed(position), length, packed(titleOffset), packed(depth)];
    titleOffset += titleEntry.length;
    return Buffer.concat([...entry, ...values]);
  });
  const records = Array.from({ length: Math.ceil(entries.length / entriesPerRecord) }, (_, number) =>
    makeEntryRecord(entries.slice(number * entriesPerRecord, (number + 1) * entriesPerRecord)),
  );
  return [
    Buffer.concat([indexHeader({ count: records.length, table: 0, titleRecords: 1 }), tagx]),
    ...records,
    Buffer.concat(titles),
  ];
};

const makeEntryRecord = (entries: Buffer[]): Buffer => {
  let offset = indexHeaderLength;
  const places = entries.map((entry) => {
    const place = Buffer.alloc(2);
    place.writeUInt16BE(offset);
    offset += entry.length;
    return place;
  });
  const header = indexHeader({ count: entries.length, table: offset, titleRecords: 0 });
  return Buffer.concat([header, ...entries, Buffer.from('IDXT'), ...places]);
};

const entriesPerRecord = 1000;
const indexHeaderLength = 192;

const indexHeader = (of: { count: number; table: number; titleRecords: number }): Buffer => {
  const header = Buffer.alloc(indexHeaderLength);
  header.write('INDX', 0, 'latin1');
  header.writeUInt32BE(indexHeaderLength, 4);
  header.writeUInt32BE(of.table, 20);
  header.writeUInt32BE(of.count, 24);
  header.writeUInt32BE(of.titleRecords, 52);
  return header;
};

/** Seven bits a byte, the last byte marked. */
const packed = (value: number): Buffer => {
  const bytes = [(value & 0x7f) | 0x80];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128))
    bytes.unshift(rest & 0x7f);
  return Buffer.from(bytes);
};

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** Windows-1252 is written as Latin-1, which it agrees with from U+00A0 on. */
const encode = (text: string, codePage: number): Buffer =>
  Buffer.from(text, codePage === 65001 ? 'utf8' : 'latin1');
