// Every table of the catalogue under its name.
export * from './accounts.ts';
export * from './books.ts';
export * from './shelves.ts';
export * from './marks.ts';
export * from './reading.ts';
export * from './sync.ts';
export * from './storage.ts';
export * from './jobs.ts';
export * from './words.ts';
