// Numbers and words that look random and are the same in every run.

export type Dice = {
  /** A whole number from 0 up to, not including, `below`. */
  number(below: number): number;
  /** That many words in a row, separated by spaces. */
  words(count: number): string;
};

/** Returns dice for a seed (mulberry32, Tommy Ettinger 2017). */
export function createDice(seed: number): Dice {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
  const number = (below: number) => Math.floor(next() * below);
  const word = () =>
    Array.from({ length: 1 + number(4) }, () => SYLLABLES[number(SYLLABLES.length)] ?? '').join('');
  return { number, words: (count) => Array.from({ length: count }, word).join(' ') };
}

const SYLLABLES =
  'a al an ar be bra ca co da de di do e el en er es fa fi ga ge gra ha he i in is ka ko la le li lo ma me mi mo na ne no o on or pa pe pi po ra re ri ro sa se si so sta ta te ti to tra u un va ve vi wa wi ya ze é ü ø ж'.split(
    ' ',
  );
