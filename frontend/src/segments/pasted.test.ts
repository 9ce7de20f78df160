import { describe, expect, it } from 'vitest';
import { pastedValues } from './pasted';

describe('pastedValues', () => {
  it('takes lines, commas, semicolons and tabs as what is between', () => {
    expect(pastedValues('a@x.org, b@x.org;c@x.org\nshop-1\tshop-2\r\n 17 ')).toEqual([
      'a@x.org',
      'b@x.org',
      'c@x.org',
      'shop-1',
      'shop-2',
      '17',
    ]);
  });

  it('takes the address out of a name with an address', () => {
    expect(pastedValues('Ada Lovelace <ada@x.org>\n"bob@x.org"')).toEqual([
      'ada@x.org',
      'bob@x.org',
    ]);
  });

  it('takes each once, however it is written', () => {
    expect(pastedValues('Ada@x.org\nada@x.org')).toEqual(['Ada@x.org']);
  });

  it('finds nothing in nothing', () => {
    expect(pastedValues(' \n,;\n')).toEqual([]);
  });
});
