"""A command that also has subcommands."""

from typing import Any

import click


class DefaultGroup(click.Group):
    """A group that is a command itself: a subcommand is one only where its name comes first.

    `affetto train CORPORA TEACHERS OUT` is the command, `affetto train fusion` a subcommand. A
    folder that is called as a subcommand is reached by ./fusion, or after an option.
    """

    # The command itself is parsed as any other: options after arguments, and nothing left over.
    allow_extra_args = False
    allow_interspersed_args = True

    def __init__(self, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(name, no_args_is_help=False, **kwargs)

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """The context of the subcommand that comes first, else that of the command itself."""
        below = self.commands.get(args[0]) if args else None
        if below is None:
            return super().make_context(info_name, args, parent, **extra)
        return below.make_context(f"{info_name} {args[0]}", args[1:], parent, **extra)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return click.Command.parse_args(self, ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        return click.Command.invoke(self, ctx)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return click.Command.collect_usage_pieces(self, ctx)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_usage(ctx, formatter)
        if self.commands:
            indent = " " * len("Usage: ")
            formatter.write_usage(ctx.command_path, "COMMAND [ARGS]...", prefix=indent)
