-- Vowels of Devanagari and tones of Thai are marks: they are part of a word of a text, not what parts words.
-- Filled anew from the passages by the job that takes in text.
drop table text_passages_index;
create virtual table text_passages_index using fts5 (
  words, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 0 categories 'L* M* N* Co'"
);
-- By which rule the words of the file's passages are folded (base/fold.ts); they are not in the index by any other.
alter table text_files add column fold_version integer not null default 0;
