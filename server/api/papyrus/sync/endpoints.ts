// Endpoints of sync.
import type { Words } from '../../../sync/settling.ts';
import type { Users } from '../../../accounts/users.ts';
import { json } from '../../../http/bodies.ts';
import type { LinkBase } from '../../../http/links.ts';
import { other } from '../../../http/endpoint.ts';
import { LongAnswer } from '../../../http/long-answer.ts';
import type { Sync } from '../../../sync/sync.ts';
import { acceptChange, acceptNew, acceptPush, acceptStrategy } from './accept.ts';
import { userEndpoint } from '../auth.ts';
import {
  presentChanges,
  presentConflict,
  presentConflicts,
  presentPushed,
  presentSyncStatus,
  presentThing,
} from './present.ts';
import { presentPagination } from '../books/present.ts';
import {
  ChangesQuery,
  ConflictParams,
  ConflictsQuery,
  SyncChanges,
  SyncConflict,
  SyncConflictList,
  SyncConflictResponse,
  SyncPushRequest,
  SyncPushResponse,
  SyncStatus,
} from './schemas.ts';

const SYNC = { tag: 'Sync', access: 'user' } as const;

/** Returns the endpoints; `linkBase` says where links in answers lead. */
export function syncEndpoints({ sync, users, linkBase }: { sync: Sync; users: Users; linkBase: LinkBase }) {
  const wordsFor = (base: string): Words => ({
    asNew: acceptNew,
    asChange: (entityType, data, stored) =>
      acceptChange(entityType, data, { stored, show: (thing) => presentThing(thing, base) }),
    present: (thing) => presentThing(thing, base),
  });
  return [
    userEndpoint(
      {
        ...SYNC,
        method: 'get',
        path: '/sync/changes',
        summary: 'Returns what changed after a moment, oldest first; each thing once, as it is now.',
        description:
          'What is deleted is told for 90 days. A moment before that is refused with `SYNC_WINDOW_EXPIRED`: read everything anew from 1970-01-01T00:00:00Z.',
        query: ChangesQuery,
        answers: { 200: SyncChanges },
      },
      ({ caller, query, req }) => {
        const { since, entity_types: entityTypes, limit } = query;
        const { userId: ownerId, sessionId: deviceId } = caller;
        const pulled = sync.pull({ ownerId, deviceId, since, entityTypes, limit });
        return new LongAnswer('changes', presentChanges(pulled, linkBase(req)));
      },
    ),
    userEndpoint(
      {
        ...SYNC,
        method: 'post',
        path: '/sync/changes',
        summary: 'Takes in what a device did; what breaks a rule is rejected by itself.',
        description:
          'Changes are taken in the order of their timestamps, the same change twice counts once. With the preference `conflict_strategy` at `manual` a field changed on both sides is answered with 409, and nothing is taken in.',
        body: json(SyncPushRequest),
        answers: { 200: SyncPushResponse, 409: SyncConflictResponse },
        otherwise: { 409: 'A person must decide; nothing was taken in.' },
        limit: 'batch',
      },
      ({ caller, body, req }) => {
        const strategy = acceptStrategy(users.get(caller.userId).preferences);
        const to = {
          ownerId: caller.userId,
          deviceId: body.device_id,
          strategy,
          words: wordsFor(linkBase(req)),
        };
        const { changes, unread } = acceptPush(body);
        const pushed = sync.push(to, changes);
        if ('conflicts' in pushed) return other(409, presentConflicts(pushed.conflicts));
        return presentPushed({ ...pushed, rejected: [...unread, ...pushed.rejected] });
      },
    ),
    userEndpoint(
      {
        ...SYNC,
        method: 'get',
        path: '/sync/status',
        summary: 'Returns when any of your devices synced last.',
        answers: { 200: SyncStatus },
      },
      ({ caller }) => presentSyncStatus(sync.lastAt(caller.userId)),
    ),
    userEndpoint(
      {
        ...SYNC,
        method: 'get',
        path: '/sync/conflicts',
        summary: 'Lists what your devices disagreed about in the last 90 days, newest first.',
        query: ConflictsQuery,
        answers: { 200: SyncConflictList },
      },
      ({ caller, query }) => {
        const { rows, total } = sync.conflicts.list(caller.userId, query);
        return {
          conflicts: rows.map(presentConflict),
          pagination: presentPagination(query.page, query.limit, total),
        };
      },
    ),
    userEndpoint(
      {
        ...SYNC,
        method: 'post',
        path: '/sync/conflicts/{conflict_id}/undo',
        summary: 'Says the word that was not kept, for all devices; what was deleted comes back.',
        params: ConflictParams,
        answers: { 200: SyncConflict },
        errors: ['not_found', 'conflict'],
      },
      ({ caller, params, req }) =>
        presentConflict(
          sync.conflicts.undo(caller.userId, params.conflict_id, {
            deviceId: caller.sessionId,
            words: wordsFor(linkBase(req)),
          }),
        ),
    ),
  ];
}
