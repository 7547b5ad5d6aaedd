// Options and arguments of a man page.
import type { Argument, Option } from 'commander';
import { describeOption } from './environment.ts';
import { heading } from './man-section.ts';
import { bold, escapeText, italic, sentence, taggedParagraph } from './roff.ts';

/** The options in their help groups, one subsection each; those without a group come first, without a heading. */
export function renderOptions(options: readonly Option[]): string[] {
  const groups = new Map<string, Option[]>([['', []]]);
  for (const option of options) {
    const title = (option.helpGroupHeading ?? '').replace(/:$/, '');
    groups.set(title, [...(groups.get(title) ?? []), option]);
  }
  return [...groups].flatMap(([title, members]) => [
    ...(title === '' ? [] : [heading(title, '.SS')]),
    ...members.flatMap((option) => taggedParagraph(renderFlags(option.flags), explainOption(option))),
  ]);
}

/** `-f, --format <format>` with bold flags and italic values. */
function renderFlags(flags: string): string {
  return flags
    .split(/([<[][^<>[\]]+[>\]])|(, | )/)
    .filter((part) => part !== undefined && part !== '')
    .map((part) => {
      if (part.startsWith('<')) return italic(part.slice(1, -1));
      if (part.startsWith('[')) return `[${italic(part.slice(1, -1))}]`;
      return part.startsWith('-') ? bold(part) : part;
    })
    .join('');
}

/** An argument as the synopsis shows it: `<image>` becomes `image` in italics, and an optional one is put in brackets. */
export function renderArgument(argument: Argument): string {
  const name = italic(argument.name()) + (argument.variadic ? escapeText('…') : '');
  return argument.required ? name : `[${name}]`;
}

/** What the definition of an argument says about it, as sentences. */
export function explainArgument(argument: Argument): string {
  return join([argument.description, choices(argument.argChoices), defaultOf(argument)]);
}

/** What the definition of an option says about it, as sentences. */
export function explainOption(option: Option): string {
  const { text, variables } = describeOption(option);
  const environment = variables.length === 0 ? '' : `Environment: ${variables.join(', ')}.`;
  return join([text, choices(option.argChoices), option.negate ? '' : defaultOf(option), environment]);
}

function join(texts: readonly string[]): string {
  return texts
    .filter((text) => text !== '')
    .map(sentence)
    .join(' ');
}

function choices(values: readonly string[] | undefined): string {
  return values === undefined ? '' : `One of: ${values.join(', ')}.`;
}

function defaultOf(item: Argument | Option): string {
  const value: unknown = item.defaultValue;
  const isPlain = typeof value === 'string' || typeof value === 'number' || value === true;
  const text = item.defaultValueDescription ?? (isPlain ? String(value) : '');
  return text === '' ? '' : `Default: ${text}.`;
}
