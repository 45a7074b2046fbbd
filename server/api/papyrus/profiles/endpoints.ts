// Endpoints of reading profiles.
import type { Profiles } from '../../../reading/profiles.ts';
import { userEndpoint } from '../auth.ts';
import { presentProfile } from './present.ts';
import {
  CreateReadingProfileRequest,
  ProfileParams,
  ReadingProfile,
  ReadingProfileList,
  UpdateReadingProfileRequest,
} from './schemas.ts';
import { json } from '../../../http/bodies.ts';

const PROFILES = { tag: 'Users', access: 'user' } as const;
const ONE = { ...PROFILES, path: '/reading-profiles/{profile_id}', params: ProfileParams } as const;

/** Returns the endpoints. */
export function profileEndpoints({ profiles }: { profiles: Profiles }) {
  return [
    userEndpoint(
      {
        ...PROFILES,
        method: 'get',
        path: '/reading-profiles',
        summary: 'Lists your reading profiles, the default one first.',
        answers: { 200: ReadingProfileList },
        cached: true,
      },
      ({ caller }) => ({ profiles: profiles.list(caller.userId).map(presentProfile) }),
    ),
    userEndpoint(
      {
        ...PROFILES,
        method: 'post',
        path: '/reading-profiles',
        summary: 'Adds a reading profile.',
        body: json(CreateReadingProfileRequest),
        answers: { 201: ReadingProfile },
      },
      ({ caller, body: { name, is_default: isDefault, ...appearance } }) =>
        presentProfile(profiles.create(caller.userId, { name, isDefault, appearance }, caller.sessionId)),
    ),
    userEndpoint(
      {
        ...ONE,
        method: 'get',
        summary: 'Returns a reading profile.',
        answers: { 200: ReadingProfile },
        errors: ['not_found'],
      },
      ({ caller, params }) => presentProfile(profiles.get(caller.userId, params.profile_id)),
    ),
    userEndpoint(
      {
        ...ONE,
        method: 'patch',
        summary: 'Changes what is given of a reading profile.',
        body: json(UpdateReadingProfileRequest),
        answers: { 200: ReadingProfile },
        errors: ['not_found'],
      },
      ({ caller, params, body: { name, ...appearance } }) =>
        presentProfile(
          profiles.change(caller.userId, params.profile_id, { name, appearance }, caller.sessionId),
        ),
    ),
    userEndpoint(
      {
        ...ONE,
        method: 'delete',
        summary: 'Removes a reading profile that is not the default one.',
        errors: ['not_found', 'forbidden'],
      },
      ({ caller, params }) => profiles.remove(caller.userId, params.profile_id, caller.sessionId),
    ),
    userEndpoint(
      {
        ...PROFILES,
        method: 'post',
        path: '/reading-profiles/{profile_id}/set-default',
        summary: 'Makes a reading profile the default one.',
        params: ProfileParams,
        answers: { 200: ReadingProfile },
        errors: ['not_found'],
      },
      ({ caller, params }) =>
        presentProfile(profiles.setDefault(caller.userId, params.profile_id, caller.sessionId)),
    ),
  ];
}
