// Where our document says otherwise than the contract, and why.

export type Difference = { what: RegExp; why: string };

export const DIFFERENCES: readonly Difference[] = [];
