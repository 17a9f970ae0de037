//! An append-only revision log in SQLite: get, list, create, update, delete, watch, compact.
