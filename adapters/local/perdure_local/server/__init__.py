"""The service on a socket: routes, who may call, and the web page's files."""
