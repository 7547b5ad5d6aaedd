// Addresses as a server or a setting writes them.
import { GlanceError } from '../../errors.ts';

/** UTF-16 code units. Browsers stop at 2,000 to 64,000, stores sign addresses of some hundred. */
const maxLength = 16 * 1024;
/** Of a text that is no address, as much as shows which one is meant. */
const maxShown = 200;

/**
 * The address that a text is; null for what is none, or too long to be looked at: a host's name is normalised in time in the
 * square of its length, and a header may have a megabyte.
 * @param base what a relative address starts from
 */
export function readUrl(text: string, base?: URL): URL | null {
  return text.length <= maxLength && URL.canParse(text, base?.href) ? new URL(text, base) : null;
}

/**
 * The http or https address that somebody configured.
 * @param name of the setting, for the message
 * @param hint how it is written
 * @throws GlanceError `config.invalid` for anything else; what stands before an `@` may be a password, and is not shown
 */
export function readHttpUrl(text: string, name: string, hint: string): URL {
  const url = readUrl(text);
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  const host = text.slice(text.lastIndexOf('@') + 1);
  const shown = `${host === text ? '' : '***@'}${host.slice(0, maxShown)}${host.length > maxShown ? '…' : ''}`;
  throw new GlanceError('config.invalid', `${name} is not an http or https URL: "${shown}"`, { hint });
}
