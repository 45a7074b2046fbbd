-- What few rows are asked for among many: removed books whose files stayed, and marks a device said something else of.
create index book_files_dismissed on book_files (dismissed_at desc, file_id) where dismissed_at is not null;
create index annotations_spoken on annotations (number) where device_says is not null;
create index bookmarks_spoken on bookmarks (number) where device_says is not null;
