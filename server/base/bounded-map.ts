import { LRUCache } from 'lru-cache';

export type BoundedMap<Key extends {}, Value extends {}> = LRUCache<Key, Value>;

/** Returns a map of `most` entries: beyond them the one is forgotten that was set or asked for the longest ago. */
export const createBoundedMap = <Key extends {}, Value extends {}>(most: number): BoundedMap<Key, Value> =>
  new LRUCache<Key, Value>({ max: most });
