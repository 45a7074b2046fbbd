// Electron's session, as far as permissions go: what the app's handlers say is set in the browser.

const never = () => false;
const handlers = { request: never, check: never };

/** Electron's names of permissions and the DevTools protocol's. */
const permissions = {
  geolocation: 'geolocation',
  notifications: 'notifications',
  media: 'camera',
  'clipboard-read': 'clipboard-read',
  'clipboard-sanitized-write': 'clipboard-write',
};

export const session = {
  defaultSession: {
    setPermissionRequestHandler(handler) {
      handlers.request = (contents, permission) => {
        let isAllowed = false;
        handler(contents, permission, (answer) => (isAllowed = answer), {});
        return isAllowed;
      };
    },
    setPermissionCheckHandler(handler) {
      handlers.check = handler;
    },
  },
};

/** Grants and denies an origin's permissions as both handlers of the app say. */
export async function applyPermissions(root, contents, origin) {
  for (const [permission, name] of Object.entries(permissions)) {
    const isAllowed =
      handlers.request(contents, permission) && handlers.check(contents, permission, origin, {});
    const setting = isAllowed ? 'granted' : 'denied';
    await root.send('Browser.setPermission', { permission: { name }, setting, origin });
  }
}
