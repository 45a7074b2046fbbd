// Tells what a file is from its first bytes; its name only decides where the bytes leave a choice.
import type { BookFormat } from './formats.ts';
import { type BookSource, UnreadableFile } from './book.ts';
import { readBytes } from './file-bytes.ts';
import { endingOf, formatsOfEnding, isLooseName, OPENED_ENDINGS } from './formats.ts';
import { markedEncoding } from './markup/xml-encoding.ts';
import { archiveKindOf } from './archive/kind.ts';
import { openZip, type Zip } from './archive/zip.ts';

/** The format of a book file, by content; undefined for anything that is not a book of a kind read here. */
export const sniff = async (source: BookSource): Promise<BookFormat | undefined> => {
  const head = readBytes(source.fd, 0, Math.min(source.sizeBytes, headBytes));
  const name = source.name.toLowerCase();
  // OCF 3.3 §4.2.2: an EPUB begins with a stored file of this name and content.
  if (head.toString('latin1', 30, 58) === 'mimetypeapplication/epub+zip') return 'epub';
  const archive = archiveKindOf(head);
  if (archive === 'zip') return sniffZip(source, name);
  if (archive === 'rar') return 'cbr';
  if (archive === 'tar') return 'cbt';
  const known = signatures.find(({ bytes }) => head.indexOf(bytes, 0, 'latin1') === 0);
  if (known !== undefined) return known.format;
  const palmType = head.toString('latin1', 60, 68);
  if (palmType === 'BOOKMOBI') return sniffMobi(source, head, name);
  // PalmDOC, which MOBI grew out of.
  if (palmType === 'TEXtREAd') return 'mobi';
  // ISO 32000-1 annex H.3.4.1: the header may stand anywhere in the first 1,024 bytes.
  const pdf = head.subarray(0, 1024).indexOf('%PDF-');
  if (pdf === 0 || (pdf > 0 && !name.endsWith('.txt'))) return 'pdf';
  if (isFictionBook(head)) return 'fb2';
  return name.endsWith('.txt') && isText(head) ? 'txt' : undefined;
};

/** Whether a file of this name is worth opening: the usual endings of books, not a macOS resource fork "._…". */
export const isBookName = (name: string): boolean => {
  const lower = name.toLowerCase();
  return !lower.startsWith('._') && bookEndings.some((ending) => lower.endsWith(ending) && lower !== ending);
};

/** The first bytes of formats that are not read: DjVu (DjVu3 spec §8.2), CHM, LIT, and KFX whole or locked. */
const signatures: readonly { bytes: string; format: BookFormat }[] = [
  { bytes: 'AT&TFORM', format: 'djvu' },
  { bytes: 'ITSF', format: 'chm' },
  { bytes: 'ITOLITLS', format: 'lit' },
  { bytes: 'CONT\x02', format: 'kfx' },
  { bytes: '\xeaDRMION\xee', format: 'kfx' },
];

const headBytes = 16 * 1024;

const bookEndings = OPENED_ENDINGS.map((ending) => `.${ending}`);

const imageEnding = /\.(?:jpe?g|png|webp|gif|avif|tiff?|bmp)$/i;
/** What archivers and scanners leave beside the pages. */
const besidePages = /(?:^|\/)(?:__macosx\/|\.|thumbs\.db$)|\.(?:xml|txt|nfo|json|sfv|md5|url)$/i;

const sniffZip = async (source: BookSource, name: string): Promise<BookFormat | undefined> => {
  let zip: Zip;
  try {
    zip = await openZip(source);
  } catch (error) {
    // The reader of the format its name promises says best what is wrong with it.
    if (error instanceof UnreadableFile) return formatOfZipName(name);
    throw error;
  }
  const mimetype = await readMimetype(zip);
  if (mimetype?.startsWith('application/epub+zip') || zip.find('META-INF/container.xml')) return 'epub';
  const files = zip.entries.map((entry) => entry.name);
  if (files.some((file) => /\.fb2$/i.test(file))) return 'fb2';
  // ECMA-388 §9.1.1: a package of fixed pages names their sequence.
  if (files.some((file) => /\.fdseq$/i.test(file))) return 'xps';
  if (files.some((file) => /(?:^|\/)comicinfo\.xml$/i.test(file))) return 'cbz';
  const named = formatOfZipName(name);
  if (named || mimetype !== undefined) return named;
  const pages = files.filter((file) => !besidePages.test(file));
  const images = pages.filter((file) => imageEnding.test(file));
  // Office documents and web sites have images too; a comic has little else.
  return images.length > 0 && images.length * 2 > pages.length ? 'cbz' : undefined;
};

/** Formats that are a ZIP inside. */
const ZIPPED: ReadonlySet<BookFormat> = new Set(['epub', 'cbz', 'fb2']);

const formatOfZipName = (name: string): BookFormat | undefined => {
  if (isLooseName(name)) return undefined;
  const [likeliest] = formatsOfEnding(endingOf(name));
  return likeliest !== undefined && ZIPPED.has(likeliest) ? likeliest : undefined;
};

const readMimetype = async (zip: Zip): Promise<string | undefined> => {
  const entry = zip.find('mimetype');
  if (!entry) return undefined;
  try {
    return (await zip.read(entry, 1024))
      .toString('latin1')
      .replace(/^\u00ef\u00bb\u00bf/, '')
      .trim();
  } catch (error) {
    if (error instanceof UnreadableFile) return '';
    throw error;
  }
};

// PalmDB: the first record's offset stands at 78; the MOBI version at 36 of that record. KF8 is version 8.
const sniffMobi = ({ fd }: BookSource, head: Buffer, name: string): BookFormat => {
  const version = head.length < 82 ? Buffer.alloc(0) : readBytes(fd, head.readUInt32BE(78) + 36, 4);
  const isKf8 = version.length === 4 && version.readUInt32BE(0) >= 8 && version.readUInt32BE(0) < 0xffffffff;
  return isKf8 || name.endsWith('.azw3') ? 'azw3' : 'mobi';
};

const isFictionBook = (head: Buffer): boolean => {
  // The name is plain letters, whatever the encoding of what follows.
  const text = new TextDecoder(markedEncoding(head) ?? 'latin1').decode(head);
  if (!/^\s*</.test(text)) return false;
  const root = /<([^\s!?/>]{1,200})[\s/>]/.exec(text.replace(/<!--[\s\S]*?(?:-->|$)/g, ''))?.[1];
  return root?.slice(root.indexOf(':') + 1) === 'FictionBook';
};

const isText = (head: Buffer): boolean => {
  if (head.length === 0) return false;
  const isUtf16 = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
  return isUtf16 || !head.subarray(0, 8192).includes(0);
};
