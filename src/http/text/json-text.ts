// Parses a server's JSON: bounded in depth, with a clear error for text that is not JSON.
import { type ErrorFacts, GlanceError } from '../../errors.ts';

/** Deeper than anything OpenStack sends; much deeper values would overflow the stack when walked. */
const maxDepth = 64;

/** Maximum number of characters of invalid JSON to look at for a message. */
const maxQuoted = 128 * 1024;

function isTooDeep(text: string): boolean {
  let depth = 0;
  let inText = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (inText && character === '\\') index++;
    else if (character === '"') inText = !inText;
    else if (inText) continue;
    else if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
    if (depth > maxDepth) return true;
  }
  return false;
}

/**
 * Parses JSON.
 * @param hide removes secrets from a text
 * @throws GlanceError `json.invalid` for text that is not JSON, or is nested too deeply to be walked
 */
export function parseJson(text: string, facts: ErrorFacts, hide = (said: string): string => said): unknown {
  if (isTooDeep(text)) throw new GlanceError('json.invalid', 'the answer is nested too deeply', facts);
  try {
    return JSON.parse(text);
  } catch {
    // Before it is cut, which might leave part of a secret. V8's own message would quote the text as well.
    const start = hide(text.slice(0, maxQuoted)).trim().slice(0, 80);
    throw new GlanceError('json.invalid', `the answer is not JSON: "${start}"`, {
      ...facts,
      hint: 'is the endpoint that of Glance? A proxy or a login page may have answered',
    });
  }
}
