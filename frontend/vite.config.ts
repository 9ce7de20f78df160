import { fileURLToPath } from 'node:url';
import { transformAsync } from '@babel/core';
import { lingui } from '@lingui/vite-plugin';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/**
 * Turns words marked for translation (the macros of Lingui) into calls that look them up. Written
 * here because the plugins that run Babel in Vite need a newer Node than we ask for.
 */
function markedWords(): Plugin {
  return {
    name: 'marked-words',
    enforce: 'pre',
    async transform(code, id) {
      const file = id.split('?')[0] ?? id;
      if (!/\.tsx?$/.test(file) || !code.includes("/macro'")) return null;
      const made = await transformAsync(code, {
        filename: file,
        babelrc: false,
        configFile: false,
        sourceMaps: true,
        parserOpts: { plugins: file.endsWith('x') ? ['typescript', 'jsx'] : ['typescript'] },
        plugins: ['@lingui/babel-plugin-lingui-macro'],
      });
      // Words are looked up as modules are evaluated, in whichever chunk: each brings the catalogue.
      return made?.code ? { code: `${made.code}\nimport '@/words';\n`, map: made.map } : null;
    },
  };
}

/** The page itself is a Django template; django-vite finds the files by `.vite/manifest.json`. */
export default defineConfig({
  base: '/static/',
  plugins: [markedWords(), lingui(), react()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    outDir: 'dist',
    manifest: true,
    sourcemap: false,
    rolldownOptions: { input: 'src/app/main.tsx' },
  },
  test: {
    environment: 'node',
    include: ['src/**/*.test.ts', 'src/**/*.test.tsx'],
    setupFiles: ['src/words/index.ts'],
  },
});
