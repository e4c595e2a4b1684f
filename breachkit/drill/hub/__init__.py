"""A stand-in for GitHub on 127.0.0.1: REST and git over HTTP on one state, for the drill and the tests.

It behaves as GitHub's documentation says where breachkit depends on it. It is no GitHub: what it
shows of permissions, networks and caches is a reading of that documentation.
"""
