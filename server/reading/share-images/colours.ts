// The colours of the share images: warm paper, dark ink, one deep accent.

export const PAPER = '#f7f1e2';
export const INK = '#26221c';
export const SOFT_INK = '#6b6255';
export const HAIRLINE = '#cdc3ab';
export const ACCENT = '#17564c';
export const BOARD = '#12443c';

/** Cloths of the bindings: the accent and its tints, and one in calf. */
export const CLOTHS = [
  '#17564c', '#4f8578', '#0f4038', '#2c6a5f', '#7fa699', '#17564c', '#a8c0b2', '#245f55', '#b08a57',
]; // prettier-ignore
