/**
 * An e-mail that is not stored yet, shown in a frame of its own that may run nothing.
 *
 * The frame inherits the page's Content-Security-Policy: its style elements get the page's nonce, as
 * otherwise they would not count. Scripts stay out by the sandbox.
 */
import { t } from '@lingui/core/macro';
import classes from './Messages.module.css';

const nonce = (): string =>
  document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';

/** The e-mail with the nonce at each of its style elements. */
export function withNonce(html: string, value: string): string {
  if (!/^[\w+/=-]+$/.test(value)) return html;
  return html.replace(/<style\b(?![^>]*\bnonce=)/gi, `<style nonce="${value}"`);
}

export function EmailFrame({ html, width }: { html: string; width: number | '100%' }) {
  return (
    <iframe
      title={t`Preview`}
      className={classes.preview}
      style={{ width }}
      sandbox="allow-popups"
      srcDoc={withNonce(html, nonce())}
    />
  );
}
