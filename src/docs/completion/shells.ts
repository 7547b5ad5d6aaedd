// Completion scripts: each passes the line to the program, which answers with candidates and evaluates nothing. Pure.
import { completeCommand } from './complete-command.ts';
import { quoteValue, type TypedLine } from './command-line.ts';
import type { Candidates } from './candidates.ts';

/** A shell that has a completion script here. */
export type Shell = 'bash' | 'zsh' | 'fish';

/** The script for a shell, to be evaluated by it. */
export function completionScript(shell: Shell): string {
  return scripts[shell];
}

/**
 * The answer to a script: first which paths the shell offers if nothing follows, then one candidate per line, for zsh and
 * fish with a tab and its text.
 * @param wordBreaks bash replaces only what follows the last of these characters
 */
export function formatAnswer(shell: Shell, { items, paths }: Candidates, line: TypedLine, wordBreaks = ''): string {
  const lines =
    shell === 'bash'
      ? items.map(({ value }) => afterBreak(quoteValue(value, line.quote), line, wordBreaks))
      : items.map(({ value, text }) => `${value}\t${text.replace(/\s+/g, ' ')}`);
  return `${[paths, ...lines].join('\n')}\n`;
}

function afterBreak(value: string, { rawLast, quote }: TypedLine, wordBreaks: string): string {
  if (quote !== '') return value;
  const isBreak = (at: number): boolean => {
    const char = rawLast.charAt(at);
    return wordBreaks.includes(char) && !/["'\s\\]/.test(char) && rawLast.charAt(at - 1) !== '\\';
  };
  let end = rawLast.length;
  while (end > 0 && !isBreak(end - 1)) end--;
  const start = rawLast.slice(0, end);
  return value.startsWith(start) ? value.slice(start.length) : value;
}

const scripts: Readonly<Record<Shell, string>> = {
  bash: String.raw`# bash completion for glance-cli: eval "$(glance-cli completion bash)"
_glance_cli() {
  local line first=1
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ -n $first ]]; then
      first=
      case $line in
        files) compopt -o default 2>/dev/null ;;
        directories) compopt -o dirnames 2>/dev/null ;;
      esac
    else
      COMPREPLY+=("$line")
    fi
  done < <("${'$'}{COMP_WORDS[0]}" ${completeCommand} bash "${'$'}{COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null </dev/null)
  if [[ ${'$'}{#COMPREPLY[@]} == 1 && ${'$'}{COMPREPLY[0]} == *= ]]; then compopt -o nospace 2>/dev/null; fi
}
complete -F _glance_cli glance-cli
`,
  zsh: String.raw`#compdef glance-cli
# zsh completion for glance-cli: eval "$(glance-cli completion zsh)", or as a file _glance-cli in $fpath
_glance_cli() {
  local -a lines values texts unmatched
  local line
  lines=("${'$'}{(@f)$("${'$'}{words[1]}" ${completeCommand} zsh "${'$'}{(@)words[2,CURRENT]}" 2>/dev/null </dev/null)}")
  for line in "${'$'}{(@)lines[2,-1]}"; do
    [[ -n $line ]] || continue
    values+=("${'$'}{line%%$'\t'*}")
    texts+=("${'$'}{line/$'\t'/  }")
  done
  if (( $#values )); then
    # What a pattern matches does not begin with it.
    [[ ${'$'}{words[CURRENT]} == *[\*\?\[]* ]] && unmatched=(-U)
    compadd $unmatched -l -d texts -- "${'$'}{(@)values}"
  else
    case $lines[1] in
      files) _files ;;
      directories) _files -/ ;;
    esac
  fi
}
if [[ ${'$'}{funcstack[1]} == _glance-cli ]]; then _glance_cli "$@"; else compdef _glance_cli glance-cli; fi
`,
  fish: String.raw`# fish completion for glance-cli: glance-cli completion fish | source
function __glance_cli_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  set -l lines ($words[1] ${completeCommand} fish $words[2..-1] "$current" 2>/dev/null </dev/null)
  if test (count $lines) -gt 1
    printf '%s\n' $lines[2..-1]
  else
    switch "$lines[1]"
      case files
        __fish_complete_path "$current"
      case directories
        __fish_complete_directories "$current"
    end
  end
end
complete -c glance-cli -f -a '(__glance_cli_complete)'
`,
};
