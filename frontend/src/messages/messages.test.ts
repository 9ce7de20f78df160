import { describe, expect, it } from 'vitest';
import { withNonce } from './EmailFrame';
import { liquidName } from './InsertField';

describe('an e-mail in a frame', () => {
  it('has its style elements carry the page’s nonce, once', () => {
    expect(withNonce('<style>a{}</style><STYLE media="x">', 'ab+/=9')).toBe(
      '<style nonce="ab+/=9">a{}</style><style nonce="ab+/=9" media="x">',
    );
    expect(withNonce('<style nonce="q">', 'ab')).toBe('<style nonce="q">');
  });
  it('is left alone where there is no sound nonce', () => {
    expect(withNonce('<style>', '')).toBe('<style>');
    expect(withNonce('<style>', '"><script>')).toBe('<style>');
  });
});

describe('names in Liquid', () => {
  it('are paths, or in brackets where they cannot be', () => {
    expect(liquidName('company.name')).toBe('contact.company.name');
    expect(liquidName('plan b')).toBe('contact["plan b"]');
  });
});
