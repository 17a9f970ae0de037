//! YAML files, folders, standard input and URLs → objects with file, line and column; every problem at once.
