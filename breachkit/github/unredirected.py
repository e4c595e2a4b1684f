"""Opens web addresses without following where they redirect: that is for whoever asks to judge."""

import urllib.request


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_request: object) -> None:
        """Follow nothing; the redirect is raised as an `HTTPError`."""


OPENER = urllib.request.build_opener(_NoRedirects)
