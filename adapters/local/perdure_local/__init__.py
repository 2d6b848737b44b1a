"""The embedded service: sockets, a clock, worker threads and a face for `perdure.service`.

Import what you need from its modules: `perdure_local.server.served` runs the service in this
process, `perdure_local.command` is the ``perdure`` command.
"""
