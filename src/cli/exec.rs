//! `wharf exec`: a program in a container, with the user's streams and terminal.
