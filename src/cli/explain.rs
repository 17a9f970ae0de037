//! `wharf explain`: the fields of a kind, and what wharf does with them. It needs no node.

use std::fmt::Write;

use super::args::{Explain, ExplainOutput};
use super::error::Error;
use super::ui::Ui;
use super::words;
use crate::api::schema::nearest;
use crate::api::support::{self, Field};
use crate::api::{Kind, Schema};

/// Runs `wharf explain`.
///
/// # Errors
/// A kind that wharf does not have, or a field that the kind does not have.
pub fn run(explain: &Explain, ui: &Ui) -> Result<(), Error> {
    let path: Vec<&str> = explain.what.iter().flat_map(|what| what.split('.')).collect();
    let kind = path.first().map(|word| words::kind(word)).transpose()?;
    let text = match (kind, explain.output) {
        (kind, Some(ExplainOutput::Markdown)) => support::markdown(kind),
        (kind, None) if explain.support => support::plain(kind),
        (Some(kind), None) => page(kind, &path[1..], explain.recursive)?,
        (None, None) => {
            return Err(Error::usage("name a kind or a field, such as pod.spec.containers")
                .hint("`wharf explain --support` lists all fields of all kinds"));
        }
    };
    ui.data(text.trim_end());
    Ok(())
}

/// A page as kubectl prints it, with what wharf does in the place of the description.
fn page(kind: &Kind, path: &[&str], recursive: bool) -> Result<String, Error> {
    let mut schema = (kind.schema)();
    let mut found: Option<Field> = None;
    for name in path {
        let Schema::Struct { fields, .. } = support::inner(schema) else { return Err(missing(name, [])) };
        found = support::fields(schema).into_iter().find(|f| f.name == *name);
        schema = fields.get(name).ok_or_else(|| missing(name, fields.keys().copied()))?;
    }
    let group = if kind.group.is_empty() { String::new() } else { format!("GROUP:      {}\n", kind.group) };
    let mut text = format!("{group}KIND:       {}\nVERSION:    {}\n", kind.kind, kind.version);
    if let Some(field) = found {
        let _ = write!(text, "\nFIELD: {} <{}>\n\nSUPPORT:\n    {}\n", field.name, field.sort, field.row);
    }
    let fields = support::fields(schema);
    if !fields.is_empty() {
        text.push_str("\nFIELDS:\n");
        list(schema, recursive, 1, &mut text);
    }
    Ok(text)
}

fn list(schema: &Schema, recursive: bool, depth: usize, text: &mut String) {
    let Schema::Struct { fields: schemas, .. } = support::inner(schema) else { return };
    let indent = "  ".repeat(depth);
    for field in support::fields(schema) {
        let _ = writeln!(text, "{indent}{}\t<{}>", field.name, field.sort);
        if recursive {
            list(&schemas[field.name], true, depth + 1, text);
        } else {
            let _ = writeln!(text, "{indent}  {}\n", field.row);
        }
    }
}

fn missing<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Error {
    let error = Error::user(format!("field \"{name}\" does not exist"));
    match nearest(name, known) {
        Some(near) => error.hint(format!("did you mean \"{near}\"?")),
        None => error,
    }
}
