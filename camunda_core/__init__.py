"""What both wires need and neither owns: errors, deadlines, retry, credentials, TLS, configuration.

Only the standard library is imported here, so that either transport can be used with the
other's library absent.
"""
