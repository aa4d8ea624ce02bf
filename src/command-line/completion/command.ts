import * as z from 'zod';
import { quoted } from '../../text/printable.ts';
import { UsableError } from '../../text/problem.ts';
import { defineCommand, ExitCode } from '../command.ts';
import { COMPLETE } from './candidates.ts';

/** In every script: the candidates of the hidden command, and whether its last line allows files. */
const BASH = `# bash completion of eci-ram-role. Load it with: source <(eci-ram-role completion bash)
_eci_ram_role() {
  local lines
  mapfile -t lines < <("\${COMP_WORDS[0]}" ${COMPLETE} "\${COMP_WORDS[@]:1:COMP_CWORD}" 2> /dev/null)
  local current="\${COMP_WORDS[COMP_CWORD]}" line
  [ "$current" = = ] && current=
  COMPREPLY=()
  for line in "\${lines[@]}"; do
    if [ "$line" = :0 ]; then
      compopt -o default
    elif [[ "$line" != :4 && "\${line%%$'\\t'*}" == "$current"* ]]; then
      COMPREPLY+=("\${line%%$'\\t'*}")
    fi
  done
}
complete -F _eci_ram_role eci-ram-role
`;

const ZSH = `#compdef eci-ram-role
# zsh completion of eci-ram-role. Load it with: source <(eci-ram-role completion zsh)
_eci_ram_role() {
  local -a lines candidates
  lines=("\${(@f)$("\${words[1]}" ${COMPLETE} "\${(@)words[2,CURRENT]}" 2> /dev/null)}")
  local line
  for line in "\${lines[@]}"; do
    if [[ "$line" = :0 ]]; then
      _files
    elif [[ "$line" != :4 ]]; then
      candidates+=("\${\${line//:/\\\\:}/$'\\t'/:}")
    fi
  done
  (( \${#candidates} )) && _describe 'eci-ram-role' candidates
}
compdef _eci_ram_role eci-ram-role
`;

const FISH = `# fish completion of eci-ram-role. Load it with: eci-ram-role completion fish | source
function __eci_ram_role_candidates
  set -l words (commandline -opc)
  set -l lines (eci-ram-role ${COMPLETE} $words[2..] (commandline -ct) 2> /dev/null)
  for line in $lines
    if test "$line" = ":0"
      __fish_complete_path (commandline -ct)
    else if test "$line" != ":4"
      echo $line
    end
  end
end
complete -c eci-ram-role -f -a '(__eci_ram_role_candidates)'
`;

const KUBECTL = `#!/bin/sh
# Completion of kubectl eci-ram-role. Save it as kubectl_complete-eci_ram_role on the PATH, and make it executable.
exec kubectl eci-ram-role ${COMPLETE} "$@"
`;

const SCRIPTS: ReadonlyMap<string, string> = new Map([
  ['bash', BASH],
  ['zsh', ZSH],
  ['fish', FISH],
  ['kubectl', KUBECTL],
]);

/** Prints the script that completes commands, flags and values in a shell. */
export const completionCommand = defineCommand({
  name: 'completion',
  summary: 'print the completion script of a shell',
  description:
    'Prints a script that completes commands, flags, values and files: for bash, zsh or fish, or the one that kubectl runs for its plugin.',
  arguments: [{ name: 'SHELL', description: [...SCRIPTS.keys()].join(', '), choices: [...SCRIPTS.keys()] }],
  options: z.object({}),
  examples: [
    { purpose: 'Print the script of bash, which loads it with source <(…)', command: 'completion bash' },
    { purpose: 'Print the script that kubectl runs', command: 'completion kubectl' },
  ],
  run: (_options, [shell = ''], { output }) => {
    const script = SCRIPTS.get(shell);
    if (script === undefined) {
      throw new UsableError(`SHELL: expected ${[...SCRIPTS.keys()].join(', ')}, found ${quoted(shell)}`);
    }
    output.write(script);
    return ExitCode.clean;
  },
});
