// Every table of the catalogue under its name.
export * from './accounts.ts';
export * from './books.ts';
export * from './marks.ts';
export * from './reading.ts';
export * from './jobs.ts';
