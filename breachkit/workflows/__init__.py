"""One function per user goal; joins core and adapters."""
