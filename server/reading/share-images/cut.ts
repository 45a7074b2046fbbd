/** A cut of the typeface, in thousandths of the type size. */
export type Cut = {
  /** Advance width and outline of each character; the outline starts on the baseline, y grows downwards. */
  glyphs: Record<string, [width: number, outline: string]>;
  /** What is added to the width of the first character when the second follows. */
  kerns: Record<string, Record<string, number>>;
};
