// The small language of API v2's filters: `OPERATOR:VALUE`, and lists of values. @see Glance 25, glance/common/utils.py
import type { ErrorAnswer } from '../answers/failure.ts';
import { parseSince } from '../images/time.ts';
import { badRequest } from './query.ts';

/** A filter's value, split. */
interface Operation {
  /** As written; `eq` if there is none. */
  readonly operator: string;
  readonly operand: string;
}

/** The text before the first colon is the operator, unless the whole value is a time. */
export function splitOperator(text: string): Operation {
  const colon = text.indexOf(':');
  if (colon < 0 || parseSince(text) !== null) return { operator: 'eq', operand: text };
  return { operator: text.slice(0, colon), operand: text.slice(colon + 1) };
}

/**
 * Splits a list at its commas. A value with a comma is in quotation marks; there is no way to write a quotation mark.
 * @see recorded exchanges `list-filter-name-in-*`
 */
export function splitList(text: string): { readonly values: readonly string[] } | { readonly failure: ErrorAnswer } {
  const fault = findQuoteFault(text);
  if (fault !== null) return badRequest(`Invalid filter value ${text}. ${fault}`);
  const values = [...text.matchAll(/"([^"]*)",?|([^,]+),?|,/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  return { values };
}

function findQuoteFault(text: string): string | null {
  let isOpen = false;
  for (const { index } of text.matchAll(/"/g)) {
    const neighbour = isOpen ? text[index + 1] : text[index - 1];
    if (neighbour !== undefined && neighbour !== ',') {
      return isOpen
        ? 'There is no comma after closing quotation mark.'
        : 'There is no comma before opening quotation mark.';
    }
    isOpen = !isOpen;
  }
  return isOpen ? 'The quote is not closed.' : null;
}
