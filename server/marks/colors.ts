// Colours of marks: hex as the Papyrus API writes them, names as KOReader does. Pure.

/** KOReader's names with the colours it draws (blitbuffer.lua); its gray is a shade without a colour of its own. */
const KOREADER_COLORS: Record<string, string> = {
  red: '#FF3300',
  orange: '#FF8800',
  yellow: '#FFFF33',
  green: '#00AA66',
  olive: '#88FF77',
  cyan: '#00FFEE',
  blue: '#0066FF',
  purple: '#EE00FF',
  gray: '#808080',
};

/** What the Papyrus apps call the colours they offer. */
const APP_COLORS: Record<string, string> = {
  yellow: '#FFEB3B',
  green: '#4CAF50',
  blue: '#2196F3',
  pink: '#E91E63',
  purple: '#9C27B0',
  orange: '#FF9800',
};

export const HIGHLIGHT_COLOR = '#FFEB3B';
export const BOOKMARK_COLOR = '#FF5722';

const HEX = /^#[0-9a-f]{6}$/i;

/** Returns the colour as #RRGGBB: KOReader's names resolved, `otherwise` for none or one nobody knows. */
export const hexOf = (color: string | null, otherwise: string): string =>
  color === null ? otherwise : HEX.test(color) ? color : (KOREADER_COLORS[color.toLowerCase()] ?? otherwise);

/** Returns KOReader's name of the colour: the nearest for #RRGGBB, whatever else it is as it is. */
export function koreaderColorOf(color: string): string {
  if (!HEX.test(color)) return color;
  // What an app calls purple is KOReader's purple, however far apart they are drawn.
  const alike = Object.entries(APP_COLORS).find(([, hex]) => hex === color.toUpperCase())?.[0];
  if (alike !== undefined && alike in KOREADER_COLORS) return alike;
  const wanted = rgbOf(color);
  let nearest = { name: 'yellow', distance: Infinity };
  for (const [name, hex] of Object.entries(KOREADER_COLORS)) {
    const distance = distanceOf(wanted, rgbOf(hex));
    if (distance < nearest.distance) nearest = { name, distance };
  }
  return nearest.name;
}

/** Returns the name a person knows the colour by: an app's, KOReader's, else the hex itself. */
export function colorNameOf(hex: string): string {
  const upper = hex.toUpperCase();
  const [name] = [...Object.entries(APP_COLORS), ...Object.entries(KOREADER_COLORS)].find(
    ([, each]) => each === upper,
  ) ?? [upper];
  return name;
}

/** What to look for among the colours marks are stored with: in lower case, and whether those without a known one count. */
export type WantedColors = { stored: string[]; orUnknown: boolean };

/** Every name KOReader knows, for telling a colour nobody knows. */
export const KNOWN_NAMES: readonly string[] = Object.keys(KOREADER_COLORS);

/** Returns what a hex code or a name asks for; a word that is neither finds nothing. Marks without one are of `otherwise`. */
export function wantedColors(asked: readonly string[], otherwise: string): WantedColors {
  const stored = new Set<string>();
  for (const each of asked) {
    const color = each.trim().toLowerCase();
    if (HEX.test(color)) {
      stored.add(color);
      for (const [name, hex] of Object.entries(KOREADER_COLORS)) {
        if (hex.toLowerCase() === color) stored.add(name);
      }
      continue;
    }
    for (const colors of [APP_COLORS, KOREADER_COLORS]) {
      const hex = colors[color];
      if (hex !== undefined) stored.add(hex.toLowerCase());
    }
    if (color in KOREADER_COLORS) stored.add(color);
  }
  return { stored: [...stored], orUnknown: stored.has(otherwise.toLowerCase()) };
}

const rgbOf = (hex: string): [number, number, number] => [
  Number.parseInt(hex.slice(1, 3), 16),
  Number.parseInt(hex.slice(3, 5), 16),
  Number.parseInt(hex.slice(5, 7), 16),
];

/** Weighted as the eye weighs them ("redmean"): plain distances call many a brown gray. */
function distanceOf(one: [number, number, number], other: [number, number, number]): number {
  const red = (one[0] + other[0]) / 2;
  const [r, g, b] = one.map((value, index) => value - other[index]!) as [number, number, number];
  return (2 + red / 256) * r * r + 4 * g * g + (2 + (255 - red) / 256) * b * b;
}

/** Whether a mark stored with this colour is among the wanted. */
export function isWanted(color: string | null, { stored, orUnknown }: WantedColors): boolean {
  const word = color?.toLowerCase();
  if (word !== undefined && (HEX.test(word) || word in KOREADER_COLORS)) return stored.includes(word);
  return orUnknown;
}
