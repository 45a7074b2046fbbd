// Endpoints of the settings that can be changed while the server runs.
import type { LiveSettings } from '../../config/live-settings.ts';
import { json } from '../../http/bodies.ts';
import { deskEndpoint } from './auth.ts';
import { presentSetting } from './present.ts';
import { ChangeSettingsRequest, SettingList } from './schemas.ts';

const SETTINGS = { tag: 'Settings', access: 'desk', path: '/settings' } as const;

export type SettingParts = { settings: LiveSettings };

/** Returns the endpoints. */
export function settingEndpoints({ settings }: SettingParts) {
  const list = () => ({ settings: settings.list().map(presentSetting) });
  return [
    deskEndpoint(
      {
        ...SETTINGS,
        method: 'get',
        summary: 'Lists the settings that can be changed while the server runs.',
        answers: { 200: SettingList },
      },
      list,
    ),
    deskEndpoint(
      {
        ...SETTINGS,
        method: 'patch',
        summary: 'Changes settings, all of them or none, and returns them as they are now.',
        body: json(ChangeSettingsRequest),
        answers: { 200: SettingList },
        errors: ['invalid', 'conflict', 'unavailable'],
      },
      ({ body }) => {
        const values = Object.entries(body.values).map(([name, value]) => [
          name,
          value === '' ? null : value,
        ]);
        settings.change(Object.fromEntries(values) as Record<string, string | boolean | null>);
        return list();
      },
    ),
  ];
}
