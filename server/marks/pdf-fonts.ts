// The letters a PDF is printed in: a family of our own, and where it has none the families this computer has.
import { fileURLToPath } from 'node:url';
import { createCanvas, GlobalFonts } from '@napi-rs/canvas';

/** Latin, Greek, Cyrillic, Armenian, Georgian, Hebrew and Arabic letters. */
const OWN = 'Papyrus Shelf';
/** The same upright: the slanted letters are fewer. */
const OWN_UPRIGHT = 'Papyrus Shelf upright';
const FILES = {
  [OWN]: ['DejaVuSans', 'DejaVuSans-Bold', 'DejaVuSans-Oblique'],
  [OWN_UPRIGHT]: ['DejaVuSans'],
};

/** What is printed for a letter that no font has. */
const BOX = '\u25a1';
/** A code point that is no character: what a font draws for it, it draws for every letter it has not. */
const NO_LETTER = '\u{10ffff}';
const SIDE = 32;

/** Families that draw something for everything and mean nothing by it. */
const MEANINGLESS = /last\s*resort|adobe (not)?blank|^unifont/i;
/** Letters as books are printed in stand before those of screens, titles and other hands. */
const UNUSUAL = /serif|mono|kufi|nastaliq|looped|rashi|condensed|display|slanted|narrow|\btitling|symbols/i;

/**
 * Returns the fonts there are. Letters our own family lacks are looked for in `families`, in all of this computer's unless
 * they are given.
 */
export function openFonts(families: readonly string[] = installed()) {
  for (const [alias, names] of Object.entries(FILES)) {
    if (GlobalFonts.has(alias)) continue;
    for (const name of names)
      GlobalFonts.registerFromPath(
        fileURLToPath(import.meta.resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`)),
        alias,
      );
  }
  const context = createCanvas(SIDE, SIDE).getContext('2d');
  const blanks = new Map<string, Buffer>();
  const used: string[] = [OWN, OWN_UPRIGHT];
  const known = new Map<string, boolean>();
  let list = listOf(used);

  const drawn = (letter: string, family: string): Buffer => {
    context.clearRect(0, 0, SIDE, SIDE);
    context.font = `20px ${quoted(family)}`;
    context.fillText(letter, 4, 24);
    return Buffer.from(context.getImageData(0, 0, SIDE, SIDE).data);
  };
  const draws = (letter: string, family: string): boolean => {
    const blank = blanks.get(family) ?? drawn(NO_LETTER, family);
    blanks.set(family, blank);
    return !drawn(letter, family).equals(blank);
  };

  /** Whether some font has the letter; the font that has it is printed with from then on. */
  const has = (letter: string): boolean => {
    const before = known.get(letter);
    if (before !== undefined) return before;
    const isOurs = used.slice(1).some((family) => draws(letter, family));
    const found = isOurs ? undefined : families.find((family) => draws(letter, family));
    if (found !== undefined) {
      used.push(found);
      list = listOf(used);
    }
    known.set(letter, isOurs || found !== undefined);
    return isOurs || found !== undefined;
  };

  return {
    /** The text with a box for each letter that no font has. */
    printed: (text: string): string => {
      let shown = '';
      for (const letter of text.normalize('NFC')) shown += isPlain(letter) || has(letter) ? letter : BOX;
      return shown;
    },

    /** Whether every letter can be printed. */
    canPrint: (text: string): boolean =>
      Array.from(text.normalize('NFC')).every((letter) => isPlain(letter) || has(letter)),

    /** The word a canvas takes for a font; after `printed` it names a family for each of the letters. */
    named: (style: 'normal' | 'bold' | 'italic', size: number): string => `${style} ${size}px ${list}`,
  };
}

/** Marks and joiners are printed with the letter before them, blanks with any font. */
const isPlain = (letter: string): boolean => letter < '\u0250' || /[\p{Mark}\p{Cf}\p{Z}\p{Cc}]/u.test(letter);

const installed = (): string[] =>
  GlobalFonts.families
    .map(({ family }) => family)
    .filter((family) => !MEANINGLESS.test(family) && !(family in FILES))
    .sort((a, b) => Number(UNUSUAL.test(a)) - Number(UNUSUAL.test(b)) || (a < b ? -1 : 1));

const quoted = (family: string): string => `"${family.replaceAll('"', '')}"`;
const listOf = (families: readonly string[]): string => families.map(quoted).join(', ');
