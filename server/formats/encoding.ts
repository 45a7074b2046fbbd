// Finds out in which encoding bytes were written that do not say so, or say something else.
import { isAscii, isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';
import { createRequire } from 'node:module';
import type * as Detector from 'jschardet';

/** Turns bytes into text, piece by piece while `stream` says that more will come. */
export type Decoder = { decode(bytes?: Uint8Array, options?: { stream?: boolean }): string };

/** The text of bytes that are all there: what `unsureDecoder` gives. */
export const decodeUnsure = (bytes: Uint8Array, declared?: string): string =>
  unsureDecoder(declared).decode(bytes);

/**
 * A decoder that decides at the first bytes that are not ASCII: what is valid UTF-8 is UTF-8, whatever is declared of an
 * encoding of one byte a letter; else it is what is declared, by its name in the Encoding Standard; else the likeliest of
 * the encodings that came before Unicode. UTF-8 in which some bytes are wrong stays UTF-8.
 */
export const unsureDecoder = (declared?: string): Decoder => {
  let decided: TextDecoder | undefined;
  let held: Uint8Array = nothing;
  return {
    decode(bytes = nothing, { stream = false } = {}) {
      if (decided !== undefined) return decided.decode(bytes, { stream });
      const all = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
      const whole = stream ? withoutCutEnd(all) : all;
      held = nothing;
      if (isAscii(whole)) {
        // One byte of a character says nothing yet.
        held = all.subarray(whole.length);
        return Buffer.from(whole).toString('latin1');
      }
      decided = new TextDecoder(encodingOf(whole, declared));
      return decided.decode(all, { stream });
    },
  };
};

const nothing = new Uint8Array();

/** `bytes` end with a whole character if they are UTF-8. */
const encodingOf = (bytes: Uint8Array, declared: string | undefined): string => {
  const isLegacy = declared !== undefined && declared !== 'utf-8';
  // Chinese of two bytes can be UTF-8 by chance, and UTF-8 can be Chinese.
  if (isLegacy && manyBytes.test(declared)) return declared;
  if (isUtf8(bytes)) return 'utf-8';
  if (isLegacy) return declared;
  const asUtf8 = new TextDecoder().decode(bytes.subarray(0, 4 * sampleBytes));
  const wrong = asUtf8.match(/\ufffd/g)?.length ?? 0;
  const right = asUtf8.match(/[^\0-\x7f\ufffd]/g)?.length ?? 0;
  return right > wrong ? 'utf-8' : likeliest(bytes);
};

const manyBytes = /^(?:gb|big5|euc-|shift_jis|iso-2022)/;

/** The bytes up to the beginning of a character of UTF-8 that goes on behind them. */
const withoutCutEnd = (bytes: Uint8Array): Uint8Array => {
  for (let back = 1; back <= 3 && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return bytes;
    if (byte < 0xc0) continue;
    const length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return length > back ? bytes.subarray(0, bytes.length - back) : bytes;
  }
  return bytes;
};

const sampleBytes = 32 * 1024;

/** The encoding the detector finds likeliest of those that make sense, else what Windows wrote in the West. */
const likeliest = (bytes: Uint8Array): string => {
  const first = bytes.findIndex((byte) => byte >= 0x80);
  const from = Math.max(0, first - 1024);
  // Markup is English whatever the text is.
  const sample = Buffer.from(
    Buffer.from(bytes.subarray(from, from + sampleBytes))
      .toString('latin1')
      .replace(/<[^>]*>/g, ' '),
    'latin1',
  );
  // One letter could be of any.
  const isTelling = bytes.subarray(first + 1).some((byte) => byte >= 0x80);
  for (const { encoding } of isTelling ? detector().detectAll(sample) : []) {
    const decoder = decoderNamed(encoding);
    if (decoder !== undefined && makesSense(decoder.decode(sample))) return decoder.encoding;
  }
  return 'windows-1252';
};

let loaded: typeof Detector | undefined;
/** Its tables take twenty megabytes, and hardly a library has a book that needs them. */
const detector = (): typeof Detector =>
  (loaded ??= createRequire(import.meta.url)('jschardet') as typeof Detector);

/** Names of the detector that the Encoding Standard does not know, by what it calls what holds them. */
const standardNames = new Map([
  ['cp932', 'shift_jis'],
  ['cp949', 'euc-kr'],
  ['cp874', 'windows-874'],
  ['koi8-t', 'koi8-r'],
  ['maccyrillic', 'x-mac-cyrillic'],
  ['utf-8', undefined],
]);

const decoderNamed = (name: string | null): TextDecoder | undefined => {
  const lower = name?.toLowerCase() ?? '';
  const known = standardNames.has(lower) ? standardNames.get(lower) : lower;
  try {
    return known === undefined ? undefined : new TextDecoder(known);
  } catch {
    return undefined;
  }
};

/** Whether hardly any character is none, a control, or a letter of another script within a word of Latin. */
const makesSense = (text: string): boolean => {
  const letters = text.match(/[^\0-\x7f]/g)?.length ?? 0;
  const odd = text.match(/[\ufffd\x80-\x9f]|(?<=\p{Script=Latin})(?!\p{Script=Latin})\p{L}|(?!\p{Script=Latin})\p{L}(?=\p{Script=Latin})/gu)?.length ?? 0; // prettier-ignore
  return odd * 5 <= letters;
};
