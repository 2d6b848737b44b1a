"""How a shell completes ``perdure``: click does it, but for bash with words that have colons."""

from __future__ import annotations

import os
from typing import Final

from click.shell_completion import BashComplete, ShellComplete, get_completion_class
from click.shell_completion import split_arg_string as split

_BASH: Final = """\
%(complete_func)s() {
    local IFS=$'\\n' reply type value cut="" typed="${COMP_LINE:0:COMP_POINT}"
    local word="${typed##*[[:space:]]}"
    # bash replaces what follows the last colon of a word, and nothing before it.
    if [[ $word == *:* && $COMP_WORDBREAKS == *:* ]]; then
        cut="${word%%:*}:"
    fi
    COMPREPLY=()
    for reply in $(PERDURE_TYPED="$typed" %(complete_var)s=bash_complete "$1" 2>/dev/null); do
        type="${reply%%%%,*}"
        value="${reply#*,}"
        case "$type" in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain) COMPREPLY+=("$(printf %%q "${value#"$cut"}")") ;;
        esac
    done
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""


class _BashComplete(BashComplete):
    """As click's, but it splits the words itself: bash splits ARNs at their colons."""

    source_template = _BASH

    def get_completion_args(self) -> tuple[list[str], str]:
        typed = os.environ.get("PERDURE_TYPED", "")
        words = split(typed)[1:]
        if not words or typed[-1:].isspace():
            return words, ""
        return words[:-1], words[-1]


def completion_class(shell: str) -> type[ShellComplete]:
    """What completes for a shell: ``bash``, ``zsh`` or ``fish``."""
    found = _BashComplete if shell == "bash" else get_completion_class(shell)
    assert found is not None  # click knows these
    return found


def install() -> None:
    """Have click use our own for bash, when the shell asks."""
    from click.shell_completion import add_completion_class

    add_completion_class(_BashComplete, "bash")
