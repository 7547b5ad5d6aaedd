// Translates calls in the style of other clients: `image list`, `image-show X`, `image save --file F X`. Pure.
import type { Command } from 'commander';

const words: Readonly<Record<string, string>> = { list: 'list', show: 'show', save: 'download', download: 'download' };

/**
 * The arguments, with the command under the name that it has here.
 * @param takesValue whether an option, as written in a call, is followed by a value
 */
export function translateAliases(argv: readonly string[], takesValue: (option: string) => boolean): readonly string[] {
  const at = findCommand(argv, takesValue, 0);
  const command = argv[at] ?? '';
  const joined = /^image-(list|show|download)$/.exec(command)?.[1];
  if (joined !== undefined) return replace(argv, at, 1, joined);
  if (command !== 'image') return argv;
  const verbAt = findCommand(argv, takesValue, at + 1);
  const verb = Object.hasOwn(words, argv[verbAt] ?? '') ? words[argv[verbAt] ?? ''] : undefined;
  return verb === undefined ? argv : replace(replace(argv, verbAt, 1, verb), at, 1);
}

/** `--os_auth_url` becomes `--os-auth-url`: OpenStack's clients accept both. */
export function normalizeOption(argument: string): string {
  return argument.replace(/^--os_[a-z_]+/, (name) => name.replaceAll('_', '-'));
}

/** Tells whether an option of the program, as written in a call, is followed by a value. */
export function takesValueIn(program: Command): (option: string) => boolean {
  return (option) =>
    program.options.some(({ long, short, required }) => required && (option === long || option === short));
}

/** The index of the first argument that is neither an option nor the value of one. */
function findCommand(argv: readonly string[], takesValue: (option: string) => boolean, from: number): number {
  let index = from;
  while (index < argv.length) {
    const argument = argv[index] ?? '';
    if (argument === '--' || !argument.startsWith('-')) return index;
    index += takesValue(argument) ? 2 : 1;
  }
  return index;
}

function replace(
  argv: readonly string[],
  at: number,
  count: number,
  ...replacement: readonly string[]
): readonly string[] {
  return [...argv.slice(0, at), ...replacement, ...argv.slice(at + count)];
}
