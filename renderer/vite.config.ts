// Builds the desk into out/renderer, which the server offers under /desk.
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('desk'),
  base: '/desk/',
  publicDir: false,
  plugins: [react()],
  build: {
    outDir: here('../out/renderer'),
    emptyOutDir: true,
    target: 'es2023',
    sourcemap: true,
    // The pages' policy lets scripts, styles and fonts come from this origin only: nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    host: '127.0.0.1',
    proxy: { '/desk/api': process.env['PAPYRUS_SERVER'] ?? 'http://127.0.0.1:26260' },
  },
});
