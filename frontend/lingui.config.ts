import { defineConfig } from '@lingui/cli';
import { formatter } from '@lingui/format-po';

/** Where the words of the pages are gathered: `npm run words` writes `src/words/en.po`. */
export default defineConfig({
  sourceLocale: 'en',
  locales: ['en'],
  catalogs: [{ path: '<rootDir>/src/words/{locale}', include: ['src'], exclude: ['**/*.test.*'] }],
  format: formatter({ lineNumbers: false }),
});
