// The endpoint of passwords the server has no longer: what was sealed is damaged or lost.
import type { MissingSecret } from '../../accounts/missing-secrets.ts';
import { deskEndpoint } from './auth.ts';
import { presentMissingPassword } from './present.ts';
import { MissingPasswordList } from './schemas.ts';

export type MissingPasswordParts = { missingSecrets: () => Promise<MissingSecret[]> };

/** Returns the endpoints. */
export const missingPasswordEndpoints = ({ missingSecrets }: MissingPasswordParts) => [
  deskEndpoint(
    {
      tag: 'Passwords',
      access: 'desk',
      method: 'get',
      path: '/missing-passwords',
      summary: 'Lists what waits for its password or token to be given again, the oldest first.',
      answers: { 200: MissingPasswordList },
    },
    async () => ({ passwords: (await missingSecrets()).map(presentMissingPassword) }),
  ),
];
