// Mends texts of PDFs that their program wrote in UTF-8 without saying so: PDF has an encoding of its own for such bytes.
import { isUtf8 } from 'node:buffer';

/**
 * The text whose bytes, read by PDFDocEncoding (ISO 32000-2 annex D.3), gave this one, where they are UTF-8; else the text
 * as it is. What was marked as Unicode is Unicode: it has letters the encoding has not.
 */
export const unmarkedUtf8 = (text: string): string => {
  if (!/[^\0-\x7f]/.test(text)) return text;
  const bytes = Buffer.alloc(text.length);
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const byte = bytesByCharacter.get(code) ?? code;
    if (byte > 0xff) return text;
    bytes[at] = byte;
  }
  return isUtf8(bytes) ? bytes.toString('utf8') : text;
};

/** Where PDFDocEncoding is not Latin-1: from 0x18 and from 0x80. */
const accents = '˘ˇˆ˙˝˛˚˜';
const marks = '•†‡…—–ƒ⁄‹›−‰„“”‘’‚™ﬁﬂŁŒŠŸŽıłœšž';
const bytesByCharacter = new Map([
  ...Array.from(accents, (character, index): [number, number] => [character.charCodeAt(0), 0x18 + index]),
  ...Array.from(marks, (character, index): [number, number] => [character.charCodeAt(0), 0x80 + index]),
  ['€'.charCodeAt(0), 0xa0],
]);
