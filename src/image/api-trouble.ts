// Failures that may be due to the server speaking another API than expected.
import { GlanceError, HttpError } from '../errors.ts';

/** Whether the answer shows that the server lacks what was requested, rather than a server with temporary trouble. */
export function isOtherAnswer({ code }: GlanceError): boolean {
  const codes = ['http.status', 'http.500', 'json.invalid', 'auth.required', 'auth.forbidden', 'http.redirect.refused'];
  return codes.includes(code);
}

/**
 * The failure of a request to an API, explained if the choice of the API may be the cause.
 * @param guess `guess` from the result of discovery
 */
export function explainApi(error: unknown, version: 1 | 2, guess: string | null): unknown {
  if (!(error instanceof GlanceError)) return error;
  if (guess !== null && (isOtherAnswer(error) || error.code === 'metadata.invalid')) return withHint(error, guess);
  if (error.code === 'http.status' && error.facts.httpStatus === 404 && error.facts.hint === undefined) {
    const where = `Images API v${String(version)} is not at ${error.facts.url ?? 'that address'}`;
    return withHint(error, `${where}: is the endpoint that of Glance? See \`apiVersion\` and glance-cli doctor`);
  }
  // A Glance answers this to every path of a version that it does not offer.
  if (error.facts.httpStatus !== 300) return error;
  const text = `${error.facts.url ?? ''}: Images API v${String(version)} is not offered there: ${error.message}`;
  const hint = 'see `apiVersion`, or give the endpoint with its version, such as http://HOST:9292/v2';
  return new GlanceError('api.version', text, { ...error.facts, hint, cause: error });
}

/** An HttpError must stay one, since callers look at its status. */
function withHint(error: GlanceError, hint: string): GlanceError {
  const isRefusal = error.code.startsWith('auth.') && error.facts.hint !== undefined;
  const facts = { ...error.facts, hint: isRefusal ? `${error.facts.hint ?? ''}; ${hint}` : hint, cause: error };
  return error instanceof HttpError
    ? new HttpError(error.code, error.message, error.status, facts)
    : new GlanceError(error.code, error.message, facts);
}
