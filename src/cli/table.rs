//! Rows under headings, with columns as wide as their widest cell.

use crate::api::table::columns;
use crate::api::{Kind, Timestamp, Value};

/// What a table shows besides the objects.
#[allow(clippy::struct_excessive_bools, reason = "four flags of the command line, each on its own")]
#[derive(Clone, Copy, Debug, Default)]
pub struct Look {
    /// The columns that only `-o wide` shows.
    pub wide: bool,
    /// A column with the namespace.
    pub namespaces: bool,
    /// No line of headings.
    pub bare: bool,
    /// `kind/name` rather than the name, where several kinds are shown.
    pub kinds: bool,
}

/// The table of objects of one kind, without a line feed at its end; empty without objects and headings.
pub fn render(kind: &'static Kind, objects: &[Value], look: Look, now: Timestamp) -> String {
    let shown: Vec<_> = columns(kind).iter().filter(|c| look.wide || !c.wide).collect();
    let spaced = look.namespaces && kind.namespaced;
    let mut rows = Vec::new();
    if !look.bare {
        let names = shown.iter().map(|c| c.name.to_owned());
        rows.push(spaced.then(|| "NAMESPACE".to_owned()).into_iter().chain(names).collect::<Vec<_>>());
    }
    for object in objects {
        let cells = shown.iter().map(|c| match (c.name, look.kinds) {
            ("NAME", true) => super::words::name(&crate::api::Key::of(kind, object)),
            _ => (c.cell)(object, now),
        });
        let namespace = object["metadata"]["namespace"].as_str().unwrap_or_default().to_owned();
        rows.push(spaced.then_some(namespace).into_iter().chain(cells).collect());
    }
    align(&rows)
}

/// Lines with columns three spaces apart, none trailing.
pub fn align(rows: &[Vec<String>]) -> String {
    align_by(rows, 3)
}

/// Lines with columns so many spaces apart, none trailing.
pub fn align_by(rows: &[Vec<String>], gap: usize) -> String {
    let width = |column: usize| rows.iter().filter_map(|r| r.get(column)).map(|c| c.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..rows.iter().map(Vec::len).max().unwrap_or(0)).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join(&" ".repeat(gap)).trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}
