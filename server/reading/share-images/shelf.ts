// Draws a shelf with one spine for every finished book, as many as fit. Pure.
import { BOARD, CLOTHS, PAPER } from './colours.ts';
import { round } from './outline.ts';

export type Shelf = {
  /** The board's left end and its upper edge. */
  x: number;
  y: number;
  width: number;
  /** Of the tallest book. */
  height: number;
  books: number;
  /** Equal seeds give equal books. */
  seed: number;
};

/** Returns the shelf as SVG. More books stand closer together; beyond what fits the shelf is simply full. */
export function drawShelf(shelf: Shelf): string {
  const { x, y, width, height } = shelf;
  const board =
    `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="8" fill="${BOARD}"/>` +
    `<rect x="${round(x + 18)}" y="${round(y + 14)}" width="${round(width - 36)}" height="2" fill="${BOARD}"/>`;
  return `<g>${placeSpines(shelf)
    .map((spine) => drawSpine(spine, y, height))
    .join('')}${board}</g>`;
}

type Spine = { left: number; width: number; height: number; colour: string; bands: number; leans: boolean };

/** Parts of the shelf's height: a book at ease, and the thinnest that still looks like one. */
const AT_EASE = 0.19;
const THINNEST = 0.062;
/** Degrees the last book leans when there is room. */
const LEAN = 9;

function placeSpines({ x, width, height, books, seed }: Shelf): Spine[] {
  const count = Math.min(books, Math.floor(width / (height * THINNEST)));
  const random = randomFrom(seed);
  let bag: string[] = [];
  const nextCloth = (): string => {
    // Every cloth comes once before one comes again.
    if (bag.length === 0) bag = [...CLOTHS];
    return bag.splice(Math.floor(random() * bag.length), 1)[0] ?? BOARD;
  };
  const spines = Array.from({ length: count }, (_, index): Spine => {
    return {
      left: 0,
      width: 0.6 + 0.8 * random(),
      height: 0.72 + 0.28 * random(),
      colour: nextCloth(),
      bands: Math.floor(random() * 3),
      leans: false,
      ...(index === 0 && { height: 0.94 }),
    };
  });
  const units = spines.reduce((sum, spine) => sum + spine.width, 0);
  const leanRoom = height * Math.sin((LEAN * Math.PI) / 180);
  const unit = Math.min(height * AT_EASE, (width - 24) / Math.max(1, units));
  const total = units * unit;
  const last = spines.at(-1);
  const leans = count > 2 && total + 2 * leanRoom < width;
  let left = x + (width - total - (leans ? leanRoom : 0)) / 2;
  for (const spine of spines) {
    spine.left = left;
    spine.width *= unit;
    left += spine.width;
  }
  if (leans && last !== undefined) {
    // It rests on a book that is at least as tall.
    const neighbour = spines.at(-2)?.height ?? 1;
    last.height = Math.min(last.height, neighbour * 0.97);
    last.left += last.height * leanRoom;
    last.leans = true;
  }
  return spines;
}

function drawSpine(spine: Spine, floor: number, shelfHeight: number): string {
  const height = spine.height * shelfHeight;
  const top = floor - height;
  // A sliver of the ground between two books.
  const width = Math.max(2, spine.width - Math.min(3, spine.width * 0.14));
  const rect = (x: number, y: number, w: number, h: number, fill: string, more = '') =>
    `<rect x="${round(x)}" y="${round(y)}" width="${round(w)}" height="${round(h)}" fill="${fill}"${more}/>`;
  const inset = Math.min(4, width * 0.12);
  const band = (from: number, thickness: number) =>
    rect(spine.left + inset, top + from * height, width - 2 * inset, thickness, PAPER);
  const bands = [
    [band(0.1, 3), band(0.135, 3), band(0.88, 3)],
    [band(0.16, Math.max(10, height * 0.16)), band(0.9, 3)],
    [band(0.08, 3), band(0.9, 3), band(0.865, 3)],
  ][spine.bands];
  const marks =
    rect(spine.left, top, width, height, spine.colour, ` rx="${round(Math.min(3, width * 0.1))}"`) +
    (bands ?? []).join('');
  return spine.leans
    ? `<g transform="rotate(${-LEAN} ${round(spine.left)} ${round(floor)})">${marks}</g>`
    : marks;
}

/** A small generator of even numbers from 0 to 1 (mulberry32): pictures are the same on every machine. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
