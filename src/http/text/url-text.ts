// URLs as a server or a setting writes them.
import { GlanceError } from '../../errors.ts';

/** UTF-16 code units. Browsers stop at 2,000 to 64,000; stores sign URLs of some hundred. */
const maxLength = 16 * 1024;
/** Maximum number of characters to show of a text that is not a URL: enough to recognise it. */
const maxShown = 200;

/**
 * Parses a URL; null for a text that is not one or is too long. The length matters because normalising a host takes
 * time in the square of its length, and a header may hold a megabyte.
 * @param base what a relative URL starts from
 */
export function readUrl(text: string, base?: URL): URL | null {
  return text.length <= maxLength && URL.canParse(text, base?.href) ? new URL(text, base) : null;
}

/**
 * Parses an http or https URL that somebody configured.
 * @param name the name of the setting, for the message
 * @param hint how it should be written
 * @throws GlanceError `config.invalid` for anything else; the text before an `@` may be a password, and is not shown
 */
export function readHttpUrl(text: string, name: string, hint: string): URL {
  const url = readUrl(text);
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  const host = text.slice(text.lastIndexOf('@') + 1);
  const shown = `${host === text ? '' : '***@'}${host.slice(0, maxShown)}${host.length > maxShown ? '…' : ''}`;
  throw new GlanceError('config.invalid', `${name} is not an http or https URL: "${shown}"`, { hint });
}
