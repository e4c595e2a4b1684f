"""Cell suppression: which counts to take out, so that none of those taken out can be worked out."""
