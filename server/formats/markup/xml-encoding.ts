// Turns the bytes of an XML document into text, in whatever encoding it is written.
import { TextDecoder } from 'node:util';
import { unsureDecoder } from '../encoding.ts';
import type { Decoder } from '../encoding.ts';

/** The whole document as text: by its byte order mark, else as its bytes and its declaration say (encoding.ts). */
export const decodeXml = (bytes: Uint8Array): string => xmlDecoder(bytes).decode(bytes);

/** A decoder for a document that begins with these bytes (the first 1,024 are enough); it leaves out the byte order mark. */
export const xmlDecoder = (head: Uint8Array): Decoder => {
  const sure = markedEncoding(head);
  return sure === undefined ? unsureDecoder(declaredEncoding(head)) : new TextDecoder(sure);
};

// XML 1.0 appendix F: what the first four bytes tell, before the declaration can be read.
/** The encoding of a document that its first bytes alone tell: UTF-16, or UTF-8 with a mark. */
export const markedEncoding = (head: Uint8Array): string | undefined => {
  const [a = 0, b = 0, c = 0, d = 0] = head;
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8';
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  if (a === 0x3c && b === 0 && c !== 0 && d === 0) return 'utf-16le';
  return a === 0 && b === 0x3c && c === 0 && d !== 0 ? 'utf-16be' : undefined;
};

const declaredEncoding = (head: Uint8Array): string | undefined => {
  const start = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 1024)).toString('latin1');
  const declared = /^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([\w.:-]{1,40})["']/.exec(start)?.[1]?.toLowerCase();
  // The declaration was readable byte by byte, so the document is not UTF-16, whatever it says.
  if (declared === undefined || declared.startsWith('utf-16') || declared.startsWith('ucs-2'))
    return undefined;
  return knownEncoding(declared);
};

const knownEncoding = (label: string): string | undefined => {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
};
