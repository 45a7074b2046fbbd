-- Under a person's word on a mark of a device stood what its file says; now also what it said before, and when they spoke: a
-- copy of the file from before takes nothing back.

update annotations set device_says = (
  select json_group_object(key, json_object('is', value, 'was', json_array(), 'at', annotations.updated_at))
  from json_each(annotations.device_says)
) where device_says is not null;

update bookmarks set device_says = (
  select json_group_object(key, json_object('is', value, 'was', json_array(), 'at', bookmarks.updated_at))
  from json_each(bookmarks.device_says)
) where device_says is not null;

update kept_words set words = json_set(words, '$.deviceSays', json((
  select json_group_object(key, json_object('is', value, 'was', json_array(), 'at', kept_words.gone_at))
  from json_each(kept_words.words, '$.deviceSays')
)));
