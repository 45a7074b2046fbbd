// What a library's export is made of: one section for each table a person filled, and why a column stays out.
import {
  annotations,
  bookChecksums,
  bookmarks,
  books,
  bookTags,
  goalUpdates,
  notes,
  readBooks,
  readingGoals,
  readingProfiles,
  readingSessions,
  removedMarks,
  savedFilters,
  series,
  shelfBooks,
  shelves,
  tags,
} from '../catalogue/schema/index.ts';

/** The parts a person may leave out of an export. */
export type Part = 'books' | 'annotations' | 'notes' | 'progress';

const OWNER = { ownerId: 'whoever imports it owns it' };
const NUMBER = { number: 'a number of this file alone' };

/** In the order they are written and taken in: what a row points to stands before it. */
export const SECTIONS = [
  { name: 'series', table: series, id: 'seriesId', entity: 'series', leftOut: OWNER },
  { name: 'tags', table: tags, id: 'tagId', entity: 'tag', leftOut: OWNER },
  { name: 'shelves', table: shelves, id: 'shelfId', entity: 'shelf', leftOut: OWNER },
  { name: 'saved_filters', table: savedFilters, id: 'filterId', leftOut: OWNER },
  {
    name: 'reading_profiles',
    table: readingProfiles,
    id: 'profileId',
    entity: 'reading_profile',
    leftOut: OWNER,
  },
  {
    name: 'reading_goals',
    table: readingGoals,
    id: 'goalId',
    entity: 'reading_goal',
    part: 'progress',
    leftOut: OWNER,
  },
  { name: 'goal_updates', table: goalUpdates, id: 'updateId', part: 'progress', leftOut: {} },
  {
    name: 'books',
    table: books,
    id: 'bookId',
    entity: 'book',
    part: 'books',
    leftOut: {
      ...OWNER,
      ...NUMBER,
      coverHash: 'names a picture, which is in "files"',
      hasFile: 'told by the files that are there',
      hasSidecar: "told by KOReader's files that are there",
      fileBytes: 'told by the files that are there',
      fileFormats: 'told by the files that are there',
      absentSince: 'told by the files that are there',
      sortTitle: 'made of the title',
      sortAuthor: 'made of the authors',
    },
  },
  { name: 'book_checksums', table: bookChecksums, part: 'books', leftOut: OWNER },
  { name: 'shelf_books', table: shelfBooks, part: 'books', leftOut: {} },
  { name: 'book_tags', table: bookTags, part: 'books', leftOut: {} },
  {
    name: 'annotations',
    table: annotations,
    id: 'annotationId',
    entity: 'annotation',
    part: 'annotations',
    leftOut: { ...OWNER, ...NUMBER, sidecarId: "names one of KOReader's files on the server it came from" },
  },
  {
    name: 'bookmarks',
    table: bookmarks,
    id: 'bookmarkId',
    entity: 'bookmark',
    part: 'annotations',
    leftOut: { ...OWNER, ...NUMBER, sidecarId: "names one of KOReader's files on the server it came from" },
  },
  { name: 'removed_marks', table: removedMarks, id: 'markId', part: 'annotations', leftOut: OWNER },
  {
    name: 'notes',
    table: notes,
    id: 'noteId',
    entity: 'note',
    part: 'notes',
    leftOut: { ...OWNER, ...NUMBER },
  },
  {
    name: 'reading_sessions',
    table: readingSessions,
    id: 'sessionId',
    entity: 'reading_session',
    part: 'progress',
    leftOut: OWNER,
  },
  {
    name: 'koreader_books',
    table: readBooks,
    part: 'progress',
    leftOut: {
      ...OWNER,
      readBookId: 'a number of this file alone: the checksum says which book it is',
      version: 'counted by the server that has it',
      pageFactor: "worked out of KOReader's files",
      hiddenPages: "worked out of KOReader's files",
      finishedOn: "worked out of KOReader's files",
      toldOf: 'worked out of reading_sessions',
    },
  },
] as const satisfies readonly {
  name: string;
  table: object;
  id?: string;
  entity?: string;
  part?: Part;
  leftOut: Record<string, string>;
}[];

export type Section = (typeof SECTIONS)[number];
export type SectionName = Section['name'];

/** How a person stands in a book: left out together with the rest of their reading. */
export const PROGRESS_COLUMNS: ReadonlySet<string> = new Set([
  'status', 'progress', 'currentPage', 'currentLocator', 'startedAt', 'completedAt', 'lastReadAt',
]); // prettier-ignore

/** Tables that are no section, each with its reason. */
export const TABLES_LEFT_OUT: Readonly<Record<string, string>> = {
  users: 'the account is its own member of the document, without its password',
  settings: 'about the server',
  user_sessions: 'a sign-in stays where it was made',
  koshelf_sessions: 'a sign-in stays where it was made',
  user_identities: 'a sign-in stays where it was made',
  one_time_codes: 'a sign-in stays where it was made',
  invitations: 'a sign-in stays where it was made',
  device_keys: 'a sign-in stays where it was made',
  letters: 'about the server',
  metadata_servers: 'about the server',
  library_folders: 'folders of this computer',
  former_files: 'folders of this computer',
  former_books: 'folders of this computer',
  book_files: 'told in "files"; the bytes are exported by POST /export/books',
  stored_files: 'told in "files"; the bytes are exported by POST /export/books',
  storage_backends: 'about the server; its secrets are never written down',
  koreader_sidecars: "KOReader's own files; what they say is in the sections",
  koreader_extras: "KOReader's own files; what they say is in the sections",
  kept_words: "kept for a month, for marks that come back in KOReader's files",
  statistics_files: "KOReader's own files; what they say is in koreader_books",
  statistics_file_books: "KOReader's own files; what they say is in koreader_books",
  page_reads: 'inside koreader_books, as page_reads',
  read_days: 'worked out of page_reads and reading_sessions',
  read_sessions: 'worked out of page_reads and reading_sessions',
  read_completions: 'worked out of page_reads',
  book_words: 'made of the words of the books',
  annotation_words: 'made of the words of the marks',
  bookmark_words: 'made of the words of the marks',
  note_words: 'made of the words of the marks',
  text_files: 'made of the words of the files',
  text_passages: 'made of the words of the files',
  changes: 'the diary of this server',
  sync_pushes: 'between this server and its devices',
  sync_conflicts: 'between this server and its devices',
  stream_buckets: 'between this server and its devices',
  stream_ops: 'between this server and its devices',
  stream_checkpoints: 'between this server and its devices',
  stream_told: 'between this server and its devices',
  device_files: 'said by the device that has the file',
  sync_aliases: 'between this server and its devices',
  field_times: 'between this server and its devices',
  sync_devices: 'between this server and its devices',
  jobs: 'about the server',
  backups: 'about the server',
};
