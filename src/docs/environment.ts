// Environment variables that can replace options. Help names them at the end of an option's description: `…; env: A, B`.
import type { Option } from 'commander';
import type { Definition } from './man-section.ts';

/** An option's description and the variables it names. */
interface DescribedOption {
  readonly text: string;
  /** In the order in which they are read. */
  readonly variables: readonly string[];
}

/** Splits the description of an option. */
export function describeOption(option: Option): DescribedOption {
  const [, text = option.description, names = ''] =
    /^(.*?)[;,]? ?\benv: (\w+(?:, \w+)*)$/s.exec(option.description) ?? [];
  const variables = names === '' ? [] : names.split(', ');
  return { text, variables: option.envVar === undefined ? variables : [...variables, option.envVar] };
}

/** Which options each variable stands for, in order of first appearance. */
export function defineVariables(options: readonly Option[]): Definition[] {
  const flags = new Map<string, string[]>();
  for (const option of options) {
    for (const variable of describeOption(option).variables) {
      flags.set(variable, [...(flags.get(variable) ?? []), `\`${option.long ?? option.flags}\``]);
    }
  }
  return [...flags].map(([variable, names]) => ({ term: `\`${variable}\``, text: `See ${names.join(' and ')}.` }));
}
