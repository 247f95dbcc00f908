"""Writes the scripts with which a shell completes commands, options and their values."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping

from trainwreck.cli import values
from trainwreck.cli.arguments import Argument, Command
from trainwreck.cli.commands import COMMANDS, SHARED
from trainwreck.cli.help import COMPLETION, HELP, VERSION

FILES, FOLDERS = "files", "folders"
OF_FILES = frozenset(["FILE", "PATH", "COMMAND"])
OF_FOLDERS = frozenset(["DIR", "CAMPAIGN"])


def completion_script(shell: str) -> str:
    """Return the script for a shell. Raises ValueError for another one."""
    if shell not in SCRIPTS:
        raise ValueError(f"not one of {', '.join(SCRIPTS)}")
    return SCRIPTS[shell]()


def words_of(command: Command, argument: Argument) -> list[str]:
    """Return the words that an argument may be, where these are few."""
    if argument is COMPLETION:
        return list(SCRIPTS)
    if argument.read in BY_READER:
        return BY_READER[argument.read]()
    return BY_NAME.get((command.name, argument.name), list)()


def _operators() -> list[str]:
    from trainwreck.model import OperatorCode

    return list(map(str, OperatorCode))


def _contexts() -> list[str]:
    from trainwreck.model import Context

    return [context.name.lower() for context in Context if context.name != "UNKNOWN"]


def _rungs() -> list[str]:
    from trainwreck.model import Rung

    return list(map(str, Rung))


def _rules() -> list[str]:
    from trainwreck.model import RULES_IN_USE

    return list(map(str, RULES_IN_USE))


def _formats() -> list[str]:
    from trainwreck.report.formats import ALL_FORMATS

    return list(ALL_FORMATS)


def _table_formats() -> list[str]:
    from trainwreck.report.formats import FORMATS

    return list(FORMATS)


def _studies() -> list[str]:
    from trainwreck.subject.studies import studies

    return list(studies())


BY_READER: Mapping[Callable[[str], object], Callable[[], list[str]]] = {
    values.read_operator: _operators,
    values.read_context: _contexts,
    values.read_rung: _rungs,
    values.read_fate: values.fate_names,
    values.read_rule: _rules,
    values.read_ledger: lambda: list(values.LEDGERS),
    values.read_figure: lambda: list("123456"),
}
"""The words of an argument by what reads it."""
BY_NAME: Mapping[tuple[str, str], Callable[[], list[str]]] = {
    ("report", "--format"): _formats,
    ("power", "--format"): _table_formats,
    ("study", "NAME"): _studies,
}


def _kind(argument: Argument) -> str:
    word = argument.placeholder or argument.name
    return FILES if word in OF_FILES else FOLDERS if word in OF_FOLDERS else ""


def _options(command: Command) -> tuple[Argument, ...]:
    return (*(a for a in command.arguments if a.is_option), *command.shared, HELP)


def _positional(command: Command) -> Argument | None:
    return next((a for a in command.arguments if not a.is_option), None)


BASH = """\
# Completes trainwreck in bash. Load it with: eval "$(trainwreck --print-completion bash)"
_trainwreck() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}}
    local command= options= words= kind= index
    for ((index = 1; index < COMP_CWORD; index++)); do
        case ${{COMP_WORDS[index]}} in
            {with_value}) ((index++)) ;;
            -*) ;;
            *) command=${{COMP_WORDS[index]}}; break ;;
        esac
    done
    case $command in
        '') options={main} words={commands} ;;
{by_command}
    esac
    case "$command $before" in
{by_option}
    esac
    COMPREPLY=()
    case $word in
        -*) COMPREPLY=($(compgen -W "$options" -- "$word")); return ;;
    esac
    [ -z "$words" ] || COMPREPLY=($(compgen -W "$words" -- "$word"))
    [ -z "$kind" ] || {{
        compopt -o filenames 2>/dev/null
        local IFS=$'\\n'
        [ $kind = files ] && COMPREPLY+=($(compgen -f -- "$word"))
        [ $kind = folders ] && COMPREPLY+=($(compgen -d -- "$word"))
    }}
}}
complete -F _trainwreck trainwreck
"""


def _bash() -> str:
    taking = [argument.name for argument in (*SHARED, COMPLETION) if not argument.is_flag]
    main = [argument.name for argument in (*SHARED, VERSION, COMPLETION, HELP)]
    by_option = [f"        {line}" for line in _bash_options()]
    return BASH.format(
        with_value=" | ".join(taking),
        main=_quoted(main),
        commands=_quoted(command.name for command in COMMANDS),
        by_command="\n".join(f"        {line}" for line in map(_bash_command, COMMANDS)),
        by_option="\n".join(by_option),
    )


def _bash_command(command: Command) -> str:
    options = _quoted(argument.name for argument in _options(command))
    own = _positional(command)
    words = f" words={_quoted(words_of(command, own))}" if own and words_of(command, own) else ""
    kind = f" kind={_kind(own)}" if own and _kind(own) else ""
    return f"{command.name}) options={options}{words}{kind} ;;"


def _bash_options() -> Iterator[str]:
    """Yield what follows an option that takes a value, by command and option."""
    for argument in (*SHARED, COMPLETION):
        if not argument.is_flag:
            yield f"*' {argument.name}') {_bash_value(COMMANDS[0], argument)} ;;"
    for command in COMMANDS:
        for argument in command.arguments:
            if argument.is_option and not argument.is_flag:
                yield f"'{command.name} {argument.name}') {_bash_value(command, argument)} ;;"


def _bash_value(command: Command, argument: Argument) -> str:
    return f"options= words={_quoted(words_of(command, argument))} kind={_kind(argument)}"


def _quoted(words: Iterable[str]) -> str:
    return shlex.quote(" ".join(words))


ZSH = """\
#compdef trainwreck
# Completes trainwreck in zsh. Load it with: eval "$(trainwreck --print-completion zsh)"
_trainwreck() {{
    local curcontext=$curcontext state line
    typeset -A opt_args
    local -a commands
    commands=(
{commands}
    )
    _arguments -C {main} '1:command:->command' '*::argument:->argument'
    case $state in
        command) _describe command commands ;;
        argument)
            case $words[1] in
{by_command}
            esac ;;
    esac
}}
if [ "$funcstack[1]" = _trainwreck ]; then
    _trainwreck "$@"
else
    compdef _trainwreck trainwreck
fi
"""


def _zsh() -> str:
    shared = (*SHARED, VERSION, COMPLETION, HELP)
    names = (shlex.quote(f"{command.name}:{command.help}") for command in COMMANDS)
    return ZSH.format(
        commands="\n".join(f"        {name}" for name in names),
        main=" ".join(_zsh_option(COMMANDS[0], argument) for argument in shared),
        by_command="\n".join(f"                {line}" for line in map(_zsh_command, COMMANDS)),
    )


def _zsh_command(command: Command) -> str:
    specs = [_zsh_option(command, argument) for argument in _options(command)]
    own = _positional(command)
    if own is not None:
        number = "*" if own.repeated or own.is_rest else "1"
        specs.append(shlex.quote(f"{number}:{own.name}:{_zsh_value(command, own)}"))
    return f"{command.name}) _arguments {' '.join(specs)} ;;"


def _zsh_option(command: Command, argument: Argument) -> str:
    """Return an option as `_arguments` wants it, with its help."""
    text = argument.help
    for sign in "\\[]:":
        text = text.replace(sign, f"\\{sign}")
    value = "" if argument.is_flag else f":{argument.placeholder}:{_zsh_value(command, argument)}"
    repeated = "*" if argument.repeated else ""
    return shlex.quote(f"{repeated}{argument.name}[{text}]{value}")


def _zsh_value(command: Command, argument: Argument) -> str:
    if words := words_of(command, argument):
        return f"({' '.join(words)})"
    return {FILES: "_files", FOLDERS: "_files -/", "": " "}[_kind(argument)]


SCRIPTS: Mapping[str, Callable[[], str]] = {"bash": _bash, "zsh": _zsh}
"""The script of each shell."""
