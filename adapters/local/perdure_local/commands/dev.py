"""``perdure dev``: the service on a port."""

from __future__ import annotations

import click

from .connection import DEFAULT_PORT, DEFAULT_REGION


@click.command()
@click.argument("targets", metavar="[FILE[:NAME]]...", nargs=-1, type=click.Path())
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    help="The port to listen on; 0 takes any that is free.",
)
@click.option("--host", default="127.0.0.1", show_default=True, metavar="IPV4")
@click.option("--expose", is_flag=True, help="Allow a --host that other machines reach.")
@click.option(
    "--token",
    envvar="PERDURE_TOKEN",
    help="Demand this of every request: as 'Authorization: Bearer TOKEN', or as the access key "
    "id (AWS_ACCESS_KEY_ID) of an AWS SDK. Needed with --expose.  [env: PERDURE_TOKEN]",
)
@click.option(
    "--verify-signatures",
    is_flag=True,
    help="Refuse requests that are not signed with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY "
    "(and AWS_SESSION_TOKEN) of this process, or with the keys of the next two options.",
)
@click.option("--access-key-id", envvar="AWS_ACCESS_KEY_ID", metavar="ID")
@click.option("--secret-access-key", envvar="AWS_SECRET_ACCESS_KEY", metavar="KEY")
@click.option(
    "--region",
    envvar=["AWS_REGION", "AWS_DEFAULT_REGION"],
    default=DEFAULT_REGION,
    help=f"The region in ARNs.  [default: AWS_REGION, AWS_DEFAULT_REGION, {DEFAULT_REGION}]",
)
@click.option(
    "--lambda-endpoint",
    metavar="URL",
    help="Invoke functions there, as Lambda's Invoke, instead of in this process.",
)
@click.option(
    "--functions",
    metavar="PATH",
    type=click.Path(),
    help='Which functions are there: JSON {"name": {"DurableConfig": {…}}, "plain": {}}.',
)
@click.option(
    "--store",
    envvar="PERDURE_STORE",
    metavar="PATH",
    default=".perdure/perdure.db",
    help="The SQLite file that keeps the executions; :memory: keeps them until Ctrl-C.  "
    "[env: PERDURE_STORE; default: .perdure/perdure.db]",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines.")
@click.option("--quiet", is_flag=True, help="Do not print events.")
def dev(
    targets: tuple[str, ...],
    port: int,
    host: str,
    expose: bool,
    token: str | None,
    verify_signatures: bool,
    access_key_id: str | None,
    secret_access_key: str | None,
    region: str,
    lambda_endpoint: str | None,
    functions: str | None,
    store: str,
    as_json: bool,
    quiet: bool,
) -> int:
    """Serve the durable execution service, until Ctrl-C.

    The functions are those of the files, all of a FILE or one NAME, loaded again when a
    file changes; or those at a Lambda-shaped endpoint. Clients find the service with
    AWS_ENDPOINT_URL_LAMBDA set to the address it prints.
    """
    from ..dev import DevRequest, serve

    return serve(
        DevRequest(
            targets,
            port,
            host,
            expose,
            token,
            region,
            lambda_endpoint,
            functions,
            store,
            as_json,
            quiet,
            verify_signatures,
            access_key_id,
            secret_access_key,
        )
    )
