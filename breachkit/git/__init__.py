"""Git, through its command line. The only package that starts processes."""
