// What devices push in, as neutral fields: each kind of thing by its own schema and its own words.
import type { Data, PushedChange, Rejected } from '../../../sync/settling.ts';
import type { EntityType, Stored, Thing } from '../../../sync/entity.ts';
import type { z } from 'zod';
import type { Strategy } from '../../../sync/merge.ts';
import type { BookRow } from '../../../library/books.queries.ts';
import type { BookWords } from '../../../sync/entities-library.ts';
import { profileFields } from '../../../sync/entities-reading.ts';
import { acceptBookChange, acceptClaim, acceptNewBook, present } from '../books/accept.ts';
import {
  acceptAnnotationChange,
  acceptBookmarkChange,
  acceptNewAnnotation,
  acceptNewBookmark,
  acceptNoteChange,
} from '../marks/accept.ts';
import { acceptGoalChange, acceptNewGoal, acceptSession } from '../reading/accept.ts';
import {
  acceptNewSeries,
  acceptNewShelf,
  acceptNewTag,
  acceptSeriesChange,
  acceptShelfChange,
  acceptTagChange,
} from '../shelves/accept.ts';
import { refuse } from '../errors.ts';
import { UpdateGoalRequest } from '../reading/goal-schemas.ts';
import { UpdateAnnotationRequest, UpdateBookmarkRequest, UpdateNoteRequest } from '../marks/schemas.ts';
import { CreateReadingProfileRequest } from '../profiles/schemas.ts';
import { CreateReadingSessionRequest } from '../reading/schemas.ts';
import { CreateSeriesRequest, UpdateSeriesRequest } from '../shelves/series-schemas.ts';
import { CreateShelfRequest, UpdateShelfRequest } from '../shelves/schemas.ts';
import {
  PushedBook,
  PushedChange as Pushed,
  PushedNewAnnotation,
  PushedNewBook,
  PushedNewBookmark,
  PushedNewGoal,
  PushedNewNote,
  PushedProfile,
  PushedSession,
} from './schemas.ts';
import type { SyncPushRequest } from './schemas.ts';
import { CreateTagRequest, UpdateTagRequest } from '../shelves/tag-schemas.ts';

/** Returns what a device says it did, and what nobody can read with the reason. */
export function acceptPush(body: z.output<typeof SyncPushRequest>): {
  changes: PushedChange[];
  unread: Rejected[];
} {
  const changes: PushedChange[] = [];
  const unread: Rejected[] = [];
  for (const said of body.changes) {
    const { success, data: change, error } = Pushed.safeParse(said);
    if (!success) {
      const { entity_type: type, entity_id: id } = Object(said) as Record<string, unknown>;
      const reason = refuse(error).message;
      unread.push({ entityType: namedAs(type), entityId: namedAs(id), reason });
      continue;
    }
    changes.push({
      entityType: change.entity_type,
      entityId: change.entity_id,
      operation: change.operation,
      data: change.data,
      saidAt: change.timestamp,
      version: change.version ?? undefined,
    });
  }
  return { changes, unread };
}

const namedAs = (said: unknown): string => (typeof said === 'string' ? said.slice(0, 100) : '');

/** Returns who decides when devices disagree; the rules do unless the person says otherwise. */
export function acceptStrategy(preferences: Record<string, unknown>): Strategy {
  const { conflict_strategy: said } = preferences;
  return said === 'manual' || said === 'server_wins' || said === 'client_wins' ? said : 'latest_wins';
}

function parsed<Schema extends z.ZodType>(schema: Schema, data: Data): z.output<Schema> {
  const result = schema.safeParse(data);
  if (!result.success) throw refuse(result.error);
  return result.data;
}

const NEW: Readonly<Record<EntityType, (data: Data) => object>> = {
  book(data) {
    const { author, ...body } = parsed(PushedNewBook, data);
    const authors = [...(author == null ? [] : [author]), ...(body.co_authors ?? [])];
    const { shelfIds, tagIds, ...book } = acceptNewBook({ ...body, author: author ?? '' });
    const { is_physical: isPhysical, custom_metadata: custom, ...rest } = body;
    const words = bookWords(
      { ...rest, is_physical: isPhysical ?? undefined, custom_metadata: custom ?? undefined },
      { authors: [] },
    );
    return {
      ...words,
      ...book,
      authors,
      shelfIds,
      tagIds,
      ...(data.file_path == null ? {} : { claim: acceptClaim({ ...body, author: author ?? '' }) }),
    };
  },
  shelf: (data) => acceptNewShelf(parsed(CreateShelfRequest, data)),
  tag: (data) => acceptNewTag(parsed(CreateTagRequest, data)),
  series: (data) => acceptNewSeries(parsed(CreateSeriesRequest, data)),
  annotation(data) {
    const body = parsed(PushedNewAnnotation, data);
    return { ...acceptNewAnnotation(body), bookId: body.book_id };
  },
  note(data) {
    const { book_id: bookId, is_pinned: isPinned, title, content } = parsed(PushedNewNote, data);
    return { title, content, isPinned, bookId };
  },
  bookmark(data) {
    const body = parsed(PushedNewBookmark, data);
    return { ...acceptNewBookmark(body), bookId: body.book_id };
  },
  reading_session: (data) => acceptSession(parsed(CreateReadingSessionRequest, data)),
  reading_goal(data) {
    const body = parsed(PushedNewGoal, data);
    return { ...acceptNewGoal(body), ...(body.is_active == null ? {} : { isActive: body.is_active }) };
  },
  reading_profile(data) {
    const { name, is_default: isDefault, ...appearance } = parsed(CreateReadingProfileRequest, data);
    return profileFields({ name, isDefault: isDefault ?? undefined, appearance });
  },
};

const CHANGE: Readonly<Record<EntityType, (data: Data, stored: Stored) => object>> = {
  book: (data, { fields }) => bookWords(parsed(PushedBook, data), fields as BookRow),
  shelf: (data) => acceptShelfChange(parsed(UpdateShelfRequest, data)),
  tag: (data) => acceptTagChange(parsed(UpdateTagRequest, data)),
  series: (data) => acceptSeriesChange(parsed(UpdateSeriesRequest, data)),
  annotation: (data) => withoutBlankNote(acceptAnnotationChange(parsed(UpdateAnnotationRequest, data))),
  note: (data) => acceptNoteChange(parsed(UpdateNoteRequest, data)),
  bookmark: (data) => withoutBlankNote(acceptBookmarkChange(parsed(UpdateBookmarkRequest, data))),
  reading_session(data) {
    const body = parsed(PushedSession, data);
    return present({
      startedAt: body.start_time,
      endedAt: body.end_time,
      startPosition: body.start_position,
      endPosition: body.end_position,
      pagesRead: body.pages_read,
      deviceType: body.device_type,
      deviceName: body.device_name,
    });
  },
  reading_goal: (data) => acceptGoalChange(parsed(UpdateGoalRequest, data)),
  reading_profile(data) {
    const { name, is_default: isDefault, ...appearance } = parsed(PushedProfile, data);
    return profileFields({ name, isDefault: isDefault ?? undefined, appearance });
  },
};

/** What is worked out for showing: a device that sends it back as it got it says nothing by it. */
const ECHOED: Partial<Record<EntityType, readonly string[]>> = {
  book: ['author', 'co_authors', 'cover_image_url', 'publication_date', 'series_number', 'description'],
  annotation: ['highlight_color'],
  bookmark: ['color'],
};

/** Returns what a new thing is made of. Throws invalid. */
export const acceptNew = (entityType: EntityType, data: Data): Data => ({ ...NEW[entityType](data) });

/** Returns the fields the data speaks of; `show` gives a thing as the device last saw it at best. Throws invalid. */
export function acceptChange(
  entityType: EntityType,
  data: Data,
  { stored, show }: { stored: Stored; show: (thing: Thing) => Data },
): Data {
  const echoed = ECHOED[entityType]?.filter((name) => name in data) ?? [];
  if (echoed.length === 0) return { ...CHANGE[entityType](data, stored) };
  const seen = show(stored.thing());
  const said = Object.fromEntries(
    Object.entries(data).filter(
      ([name, value]) => !echoed.includes(name) || JSON.stringify(value) !== JSON.stringify(seen[name]),
    ),
  );
  return { ...CHANGE[entityType](said, stored) };
}

function bookWords(
  { author, ...body }: z.output<typeof PushedBook>,
  book: { bookId?: string; authors: readonly string[] },
): BookWords {
  const change = acceptBookChange({ ...body, author: author ?? undefined }, book);
  const place = present({
    progress: body.current_position,
    currentPage: body.current_page,
    currentLocator: body.current_cfi,
  });
  return {
    ...change,
    ...(Object.keys(place).length === 0 ? {} : { place }),
    ...(body.last_read_at == null ? {} : { readAt: body.last_read_at }),
    ...(body.shelf_ids == null ? {} : { shelfIds: body.shelf_ids }),
    ...(body.tag_ids == null ? {} : { tagIds: body.tag_ids }),
  };
}

const withoutBlankNote = <Change extends { note?: string | null }>(change: Change): Change =>
  change.note?.trim() === '' ? { ...change, note: null } : change;
