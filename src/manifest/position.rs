//! Where in a file a field stands.

use std::collections::BTreeMap;
use std::sync::Arc;

use saphyr_parser::{Event, Parser, Span};

use super::diagnostic::{Diagnostic, Severity};

#[cfg(test)]
mod tests;

/// A place in a file; both count from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// The place of every key and list item of one document, by the names and numbers that lead to it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Positions(BTreeMap<Vec<String>, Position>);

impl Positions {
    /// Reads the places from a document with `above` lines before it. What can't be parsed has none.
    pub fn of(text: &str, above: usize) -> Self {
        let mut index = Index { above, ..Index::default() };
        for event in Parser::new_from_str(text) {
            let Ok((event, span)) = event else { break };
            index.add(&event, span);
        }
        Self(index.found)
    }

    /// The place of a field, or of the nearest of what it is in.
    fn get(&self, path: &[String]) -> Option<Position> {
        (0..=path.len()).rev().find_map(|length| self.0.get(&path[..length])).copied()
    }
}

/// What the events so far have built up.
#[derive(Default)]
struct Index {
    above: usize,
    found: BTreeMap<Vec<String>, Position>,
    /// The collections that are open.
    open: Vec<Open>,
    path: Vec<String>,
}

enum Open {
    Mapping {
        /// Whether the next node is a key.
        key: bool,
    },
    Sequence {
        next: usize,
    },
}

impl Index {
    fn add(&mut self, event: &Event, span: Span) {
        match event {
            Event::MappingStart(..) => {
                self.node(None, span);
                self.open.push(Open::Mapping { key: true });
            }
            Event::SequenceStart(..) => {
                self.node(None, span);
                self.open.push(Open::Sequence { next: 0 });
            }
            Event::MappingEnd | Event::SequenceEnd => {
                self.open.pop();
                self.leave();
            }
            Event::Scalar(..) | Event::Alias(_) => {
                let text = if let Event::Scalar(text, ..) = event { Some(text.as_ref()) } else { None };
                let is_key = self.node(text, span);
                if !is_key {
                    self.leave();
                }
            }
            _ => {}
        }
    }

    /// Enters a node; says whether it was a key, which is entered until its value ends.
    fn node(&mut self, text: Option<&str>, span: Span) -> bool {
        let position = Position { line: span.start.line() + self.above, column: span.start.col() + 1 };
        match self.open.last_mut() {
            Some(Open::Mapping { key }) if *key => {
                *key = false;
                self.path.push(text.unwrap_or_default().to_owned());
                self.found.insert(self.path.clone(), position);
                return true;
            }
            Some(Open::Mapping { .. }) => {}
            Some(Open::Sequence { next }) => {
                self.path.push(next.to_string());
                *next += 1;
                self.found.insert(self.path.clone(), position);
            }
            None => {
                self.found.insert(Vec::new(), position);
            }
        }
        false
    }

    /// A value has ended.
    fn leave(&mut self) {
        self.path.pop();
        if let Some(Open::Mapping { key }) = self.open.last_mut() {
            *key = true;
        }
    }
}

/// Where an object comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The file, address or `-` for standard input.
    pub file: String,
    /// The document in the file, from 1, empty ones not counted.
    pub document: usize,
    /// The place of the object in the document: empty, or `items[3]` in a `List`.
    pub(super) within: String,
    pub(super) positions: Arc<Positions>,
}

impl Origin {
    /// The place of a field of the object, or of the nearest of what it is in.
    pub fn position(&self, path: &str) -> Position {
        let path = [segments(&self.within), segments(path)].concat();
        self.positions.get(&path).unwrap_or(Position { line: 1, column: 1 })
    }

    /// A problem with a field of the object.
    pub fn diagnostic(&self, severity: Severity, path: &str, message: impl Into<String>) -> Diagnostic {
        let Position { line, column } = self.position(path);
        Diagnostic { severity, line, column, path: path.to_owned(), ..Diagnostic::of_file(&self.file, message) }
    }

    /// A problem that stops `apply`.
    pub fn error(&self, path: &str, message: impl Into<String>) -> Diagnostic {
        self.diagnostic(Severity::Error, path, message)
    }

    /// A problem that does not stop `apply`.
    pub fn warning(&self, path: &str, message: impl Into<String>) -> Diagnostic {
        self.diagnostic(Severity::Warning, path, message)
    }
}

/// The names and numbers in a path: `a.b[0].c[x.y/z]` is a, b, 0, c, x.y/z.
pub(super) fn segments(path: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        let (segment, next) = match rest.strip_prefix('[') {
            Some(inner) => inner.split_once(']').unwrap_or((inner, "")),
            None => rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len())),
        };
        if !segment.is_empty() {
            found.push(segment.to_owned());
        }
        rest = next.strip_prefix('.').unwrap_or(next);
    }
    found
}
