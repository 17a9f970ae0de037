//! The table of fields as text for a terminal, and as Markdown for the documentation.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::fields::{Field, Section, sections};
use super::row::Rule;
use crate::api::{KINDS, Kind};

/// Structs that several kinds have are told at the first of these.
fn all(only: Option<&'static Kind>) -> impl Iterator<Item = (&'static Kind, Vec<Section>)> {
    let mut told = BTreeSet::new();
    let kinds = KINDS.iter().filter(move |kind| only.is_none_or(|only| only == *kind));
    kinds.map(move |kind| (kind, sections(kind, &mut told)))
}

/// Every field of a kind, or of all, in aligned columns.
#[must_use]
pub fn plain(only: Option<&'static Kind>) -> String {
    let mut text = String::new();
    for (kind, sections) in all(only) {
        let _ = writeln!(text, "KIND:       {}\nVERSION:    {}\n", kind.kind, kind.api_version());
        for Section { name, fields } in sections {
            let _ = writeln!(text, "{name}");
            let width = |of: fn(&Field) -> usize| fields.iter().map(of).max().unwrap_or(0);
            let (names, sorts) = (width(|f| f.name.len()), width(|f| f.sort.len()));
            for field in &fields {
                let _ = writeln!(text, "  {:names$}  {:sorts$}  {}", field.name, field.sort, field.row);
            }
            text.push('\n');
        }
    }
    text.trim_end().to_owned()
}

/// Every field of a kind, or of all, as Markdown.
#[must_use]
pub fn markdown(only: Option<&'static Kind>) -> String {
    let mut text = "# What wharf does with every field\n\nWritten by `wharf explain --support -o markdown`, from the table that \
                    validation uses. A struct that several kinds have is listed at the first of them; `wharf explain --support \
                    KIND` lists all of one kind.\n"
        .to_owned();
    for (kind, sections) in all(only) {
        let _ = write!(text, "\n## {} ({})\n", kind.kind, kind.api_version());
        for Section { name, fields } in sections {
            let _ = write!(text, "\n### {name}\n\n| field | type | |\n| --- | --- | --- |\n");
            for field in &fields {
                let _ = writeln!(text, "| `{}` | `{}` | {} |", field.name, field.sort, escaped(field));
            }
        }
    }
    text
}

/// Of each kind what is not honoured, as Markdown that opens on a click.
#[must_use]
pub fn summary() -> String {
    let mut text = String::new();
    for (kind, sections) in all(None) {
        let open = sections.iter().flat_map(|s| s.fields.iter().map(move |f| (s.name, f)));
        // The node writes every status and much of the metadata, whatever the kind.
        let own = |name: &str, f: &Field| f.name == "status" || name == "ObjectMeta";
        let open: Vec<_> = open.filter(|(name, f)| !f.is_honoured() && !own(name, f)).collect();
        if open.is_empty() {
            let _ = writeln!(text, "- {}: everything", kind.kind);
            continue;
        }
        let is_moot = |f: &Field| matches!(f.row.rule, Rule::NoEffect(_));
        let moot = open.iter().filter(|(_, f)| is_moot(f)).count();
        let counts = [(open.len() - moot, "refused in part or whole"), (moot, "without effect")];
        let counts = counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
        let counts = counts.collect::<Vec<_>>().join(", ");
        let _ = writeln!(text, "- <details><summary>{}: {counts}</summary>\n", kind.kind);
        for (name, field) in open {
            let _ = writeln!(text, "  - `{name}.{}`: {}", field.name, escaped(field));
        }
        text.push_str("\n  </details>\n");
    }
    text
}

fn escaped(field: &Field) -> String {
    field.row.to_string().replace('|', "\\|").replace('<', "&lt;")
}
