import { describe, expect, it } from 'vitest';
import { snippets } from './snippets';

describe('the lines that send data', () => {
  it('name this host and this key in every language', () => {
    for (const { code } of snippets('https://mill.example', 'mw_key')) {
      expect(code).toContain('https://mill.example');
      expect(code).toContain('mw_key');
    }
  });
});
