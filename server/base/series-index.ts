// Reads the number of a book within its series as people and programs write it.

/**
 * The number as a decimal fraction without needless zeros: "2.0" is 2, "1,5" is 1.5, "½" is 0.5, "Vol. 3" is 3. What is
 * more than a number begins with it where it can ("1-3", "13 (A Story)"); else it stays as it is written.
 */
export const seriesIndex = (written: string): string => {
  const text = written
    .trim()
    .replace(
      /^(?:#|№|n[or]\.?|vol(?:ume|\.)?|books?|band|bd\.?|teil|tome|part|issue|том|книга)\s*(?=\d)/iu,
      '',
    )
    .replace(/[‐-―−]/g, '-');
  const vulgar = /^(-?\d*)\s?([¼½¾⅐-⅞])$/.exec(text);
  if (vulgar) {
    const [above = 0, below = 1] = vulgar[2]!.normalize('NFKD').split('\u2044').map(Number);
    const whole = vulgar[1]!.replace('-', '');
    const value = Math.round((Number(whole) + above / below) * 100) / 100;
    return `${vulgar[1]!.startsWith('-') ? '-' : ''}${value}`;
  }
  const number = /^(-?)0*(\d+?)(?:[.,](\d*?)0*)?$/.exec(text);
  if (number === null) return text;
  const [, sign = '', whole = '', fraction = ''] = number;
  return `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`;
};

/** The number an index begins with; undefined where it begins with none. */
export const numberOfIndex = (index: string): number | undefined => {
  const number = /^-?\d+(?:\.\d+)?/.exec(index)?.[0];
  return number === undefined ? undefined : Number(number);
};
