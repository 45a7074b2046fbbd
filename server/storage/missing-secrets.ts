// Which passwords of storage the server has no longer: after its secrets were lost, their owners must give them again.
import type { MissingSecret } from '../accounts/missing-secrets.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { SecretStore } from '../secrets/secret-store.ts';
import { secretOfBackend } from './places.ts';
import { selectBackendsWithSecrets } from './backends.queries.ts';

/** Returns what names the missing passwords of everybody's backends, oldest backend first. */
export const missingOfBackends =
  ({ catalogue, secrets }: { catalogue: Catalogue; secrets: SecretStore }) =>
  async (): Promise<MissingSecret[]> => {
    const missing: MissingSecret[] = [];
    for (const { backendId, name, secretNames, owner } of catalogue.read(selectBackendsWithSecrets)) {
      for (const secret of secretNames) {
        if ((await secrets.get(secretOfBackend(backendId, secret))) !== undefined) continue;
        missing.push({ id: backendId, of: 'storage', name, owner });
        break;
      }
    }
    return missing;
  };
