"""``perdure completion``: the script that makes a shell complete the command."""

from __future__ import annotations

import click

_VARIABLE = "_PERDURE_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> int:
    """Print the completion script for SHELL.

    \b
    bash: source <(perdure completion bash)             in ~/.bashrc
    zsh:  source <(perdure completion zsh)              in ~/.zshrc, after compinit
    fish: perdure completion fish | source              in ~/.config/fish/config.fish

    Functions, ARNs and callback ids are those of the service that runs.
    """
    from click.shell_completion import ShellComplete

    from .shell_completion import completion_class

    kind = completion_class(shell)
    # Its own `source` of bash runs bash, to warn of old ones.
    script = ShellComplete.source(kind(context.find_root().command, {}, "perdure", _VARIABLE))
    click.echo(script)
    return 0
