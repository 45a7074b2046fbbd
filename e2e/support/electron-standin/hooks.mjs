// Gives `import 'electron'` and `require('electron')` the stand-in, wherever they are written.
import { registerHooks } from 'node:module';

const url = new URL('./electron.mjs', import.meta.url).href;

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'electron' || specifier === 'electron/main') {
      return { url, format: 'module', shortCircuit: true };
    }
    return next(specifier, context);
  },
});
