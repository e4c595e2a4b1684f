"""Rules: documents and disclosure control to findings. One rule a file, registered explicitly."""
