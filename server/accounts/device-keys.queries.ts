// The SQL of device keys.
import type { Db } from '../catalogue/db.ts';
import { and, asc, eq } from 'drizzle-orm';
import { deviceKeys } from '../catalogue/schema/index.ts';

export type DeviceKeyRow = typeof deviceKeys.$inferSelect;

export const insertDeviceKey = (db: Db, key: typeof deviceKeys.$inferInsert): void => {
  db.insert(deviceKeys).values(key).run();
};

/** A person's keys, the oldest first. */
export const selectDeviceKeys = (db: Db, userId: string): DeviceKeyRow[] =>
  db
    .select()
    .from(deviceKeys)
    .where(eq(deviceKeys.userId, userId))
    .orderBy(asc(deviceKeys.createdAt), asc(deviceKeys.keyId))
    .all();

export const selectDeviceKey = (db: Db, keyHash: string): DeviceKeyRow | undefined =>
  db.select().from(deviceKeys).where(eq(deviceKeys.keyHash, keyHash)).get();

export const touchDeviceKey = (db: Db, keyId: string, lastUsedAt: Date): void => {
  db.update(deviceKeys).set({ lastUsedAt }).where(eq(deviceKeys.keyId, keyId)).run();
};

/** Returns whether there was one. */
export const deleteDeviceKey = (db: Db, userId: string, keyId: string): boolean =>
  db
    .delete(deviceKeys)
    .where(and(eq(deviceKeys.userId, userId), eq(deviceKeys.keyId, keyId)))
    .run().changes === 1;
