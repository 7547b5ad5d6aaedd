// JSON of a server: bounded in depth, and a clear error for what is none.
import { type ErrorFacts, GlanceError } from '../../errors.ts';

/** Deeper than anything OpenStack sends; walking such a value would overflow the stack. */
const maxDepth = 64;

/** Characters of what is no JSON that are looked at for a message. */
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
 * The value that a text holds.
 * @param hide takes out of a text what nobody may see
 * @throws GlanceError `json.invalid` for no JSON, or one that is nested too deeply to be walked
 */
export function parseJson(text: string, facts: ErrorFacts, hide = (said: string): string => said): unknown {
  if (isTooDeep(text)) throw new GlanceError('json.invalid', 'the answer is nested too deeply', facts);
  try {
    return JSON.parse(text);
  } catch {
    // Before it is cut: of a secret that is cut in two a part would be left. V8's own words quote the text as well.
    const start = hide(text.slice(0, maxQuoted)).trim().slice(0, 80);
    throw new GlanceError('json.invalid', `the answer is not JSON: "${start}"`, {
      ...facts,
      hint: 'is the endpoint that of Glance? A proxy or a login page may have answered',
    });
  }
}
