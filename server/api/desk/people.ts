// Endpoints of who may have an account here: invitations, and an hour in which everybody may.
import { z } from 'zod';
import type { Registration } from '../../accounts/registration.ts';
import type { LinkBase } from '../../http/links.ts';
import { deskEndpoint } from './auth.ts';
import { InvitationLink, PeopleRules } from './schemas.ts';

const PEOPLE = { tag: 'People', access: 'desk' } as const;
const InvitationParams = z.object({ invitation_id: z.uuid() });

/** `guestBase` is where links lead that the owner gives to others. */
export type PeopleParts = { registration: Registration; guestBase: LinkBase };

/** Returns the endpoints. */
export function peopleEndpoints({ registration, guestBase }: PeopleParts) {
  const rules = () => ({
    open_until: registration.openUntil()?.toISOString() ?? null,
    invitations: registration.invitations().map(({ invitationId, createdAt, expiresAt }) => ({
      invitation_id: invitationId,
      created_at: createdAt.toISOString(),
      expires_at: expiresAt.toISOString(),
    })),
  });
  return [
    deskEndpoint(
      {
        ...PEOPLE,
        method: 'get',
        path: '/people',
        summary: 'Tells who may register, and lists the invitations nobody used yet, the first to end first.',
        answers: { 200: PeopleRules },
      },
      rules,
    ),
    deskEndpoint(
      {
        ...PEOPLE,
        method: 'post',
        path: '/people/invitations',
        summary: 'Makes an invitation and returns its link, good once; it is shown this one time.',
        answers: { 201: InvitationLink },
      },
      ({ req }) => {
        const { code, expiresAt } = registration.invite();
        return { url: `${guestBase(req)}/join?token=${code}`, expires_at: expiresAt.toISOString() };
      },
    ),
    deskEndpoint(
      {
        ...PEOPLE,
        method: 'delete',
        path: '/people/invitations/{invitation_id}',
        summary: 'Takes an invitation back.',
        params: InvitationParams,
        errors: ['not_found'],
      },
      ({ params }) => registration.withdraw(params.invitation_id),
    ),
    deskEndpoint(
      {
        ...PEOPLE,
        method: 'post',
        path: '/people/open-hour',
        summary: 'Lets everybody register for an hour from now.',
        answers: { 200: PeopleRules },
      },
      () => {
        registration.openForAnHour();
        return rules();
      },
    ),
    deskEndpoint(
      {
        ...PEOPLE,
        method: 'delete',
        path: '/people/open-hour',
        summary: 'Closes registration to all but the invited.',
      },
      () => registration.close(),
    ),
  ];
}
