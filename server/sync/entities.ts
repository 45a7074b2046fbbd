// What devices sync: for each kind of thing how it is found, made, changed and removed, by the features' own rules.
// Everything runs inside the caller's transaction.
import { book, series, shelf, tag } from './entities-library.ts';
import { annotation, bookmark, note } from './entities-marks.ts';
import { goal, profile, session } from './entities-reading.ts';
import type { Entity, EntityType } from './entity.ts';

export const ENTITIES: Readonly<Record<EntityType, Entity>> = {
  series,
  tag,
  shelf,
  book,
  annotation,
  note,
  bookmark,
  reading_session: session,
  reading_goal: goal,
  reading_profile: profile,
};
export const ENTITY_TYPES = Object.keys(ENTITIES) as readonly EntityType[];

export const isEntityType = (word: string): word is EntityType => Object.hasOwn(ENTITIES, word);
