/**
 * The words of the pages, in one catalogue (`en.po`, made by `npm run words` from what the code
 * marks with Lingui's macros). Imported before anything else, since words are looked up at once.
 */
import { i18n } from '@lingui/core';
import { messages } from './en.po';

i18n.loadAndActivate({ locale: 'en-GB', messages });
