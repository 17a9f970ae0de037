//! The command line: one file a command; data goes to stdout, the rest to stderr.
