// Statements that go through a table from end to end, and why that is right.

const WORDS = 'once after an update, or when another program wrote into the file';
const CHARTS =
  'charts are of all a person read: the rows are taken in the order of the index, a person’s own among few others';

export const LISTED: readonly { begins: string; why: string }[] = [
  { begins: 'select number from books as said where not exists', why: WORDS },
  { begins: 'select number from annotations as said where not exists', why: WORDS },
  { begins: 'select number from bookmarks as said where not exists', why: WORDS },
  { begins: 'select number from notes as said where not exists', why: WORDS },
  {
    begins: 'select distinct owner_id from text_files where fold_version',
    why: 'once at a start; a narrow row for each text that is searched',
  },
  { begins: 'select exists (select 1 from koreader_extras)', why: 'ends at the first row' },
  {
    begins: 'select owner_id as ownerId, book_id as bookId from books where has_sidecar = 1',
    why: 'after a scan, while changes are written back',
  },
  { begins: 'select t.read_book_id as readBookId, t.day, t.read_sec', why: CHARTS },
  { begins: 'select t.read_book_id as readBookId, t.day, t.started_sec', why: CHARTS },
  { begins: 'select t.read_book_id as readBookId, t.start_day', why: CHARTS },
  {
    begins: 'update stored_files set released_at = ? where book_id is null',
    why: 'four times a day, over the files people gave',
  },
];
