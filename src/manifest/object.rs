//! One document → an object, and everything that is wrong with it by itself.

use serde_json::Value;

use super::parse::{Options, Source};
use super::position::{Origin, segments};
use super::{Diagnostic, Severity, builtin, value};
use crate::api::object::meta;
use crate::api::problem::Cause;
use crate::api::schema::Mismatch;
use crate::api::{Problem, support};

/// Reads one object. It is there even with problems, unless its kind is unknown.
pub fn read(mut value: Value, origin: Origin, options: &Options) -> (Option<Source>, Vec<Diagnostic>) {
    let kind = match builtin::kind_of(&value) {
        Ok(kind) => kind,
        Err(unknown) => {
            let hint = unknown.hint;
            return (None, vec![Diagnostic { hint, ..origin.error(unknown.path, unknown.message) }]);
        }
    };
    let schema = (kind.schema)();
    value::read_octal(schema, &mut value);
    let mismatches = schema.check(&value);
    let mut problems = Vec::new();
    let bad: Vec<Vec<String>> = mismatches.iter().filter(|m| !m.decodes).map(place).collect();
    // What a misspelt field leaves out is no news.
    let misspelt: Vec<Vec<String>> = mismatches.iter().filter(|m| m.decodes).map(parent).collect();
    let mut fields = support::check(kind, &value);
    for mismatch in mismatches {
        fields.retain(|field| field.path != mismatch.path);
        problems.push(Diagnostic { hint: mismatch.hint, ..origin.error(&mismatch.path, mismatch.message) });
    }
    problems.extend(unsupported(&fields, &origin, options));
    let namespace = meta(&value, "namespace");
    if kind.namespaced && namespace.is_empty() && value["metadata"].is_object() {
        value["metadata"]["namespace"] = options.namespace.clone().into();
    }
    let source = Source { kind, value, origin };
    let unnamed = unnamed(&source);
    let refused = (kind.admit)(&without(&source.value, &bad), None).err().unwrap_or_default();
    let told = |problem: &&Problem| {
        let at = segments(&problem.path);
        (unnamed.is_some() && problem.path == NAME)
            || bad.iter().any(|bad| bad.starts_with(&at) || at.starts_with(bad))
            || misspelt.contains(&at)
    };
    problems.extend(refused.iter().filter(|p| !told(p)).map(|p| invalid(p, &source.origin)));
    problems.extend(unnamed);
    (Some(source), problems)
}

/// Where a value of a wrong type stands; a list that has one counts as a whole, as the numbers of its items must stay.
fn place(mismatch: &Mismatch) -> Vec<String> {
    let mut path = segments(&mismatch.path);
    if mismatch.path.ends_with(']') && path.last().is_some_and(|last| last.parse::<usize>().is_ok()) {
        path.pop();
    }
    path
}

/// What a field is in.
fn parent(mismatch: &Mismatch) -> Vec<String> {
    let mut path = segments(&mismatch.path);
    path.pop();
    path
}

/// The object without the values that can't be decoded, so that all else that is wrong with it is found too.
fn without(object: &Value, bad: &[Vec<String>]) -> Value {
    let mut rest = object.clone();
    for (last, above) in bad.iter().filter_map(|path| path.split_last()) {
        let inside = above.iter().try_fold(&mut rest, |value, part| match value {
            Value::Object(object) => object.get_mut(part),
            Value::Array(list) => list.get_mut(part.parse::<usize>().ok()?),
            _ => None,
        });
        inside.and_then(Value::as_object_mut).map(|object| object.remove(last));
    }
    rest
}

const NAME: &str = "metadata.name";

/// The problem of having no name: `apply` finds objects by it.
fn unnamed(source: &Source) -> Option<Diagnostic> {
    let metadata = &source.value["metadata"];
    if (!metadata.is_object() && !metadata.is_null()) || !meta(&source.value, "name").is_empty() {
        return None;
    }
    let problem = source.origin.error(NAME, "required field is missing");
    let generated = metadata["generateName"].is_string();
    let hint = "generateName would make another object with every apply";
    (metadata["name"].is_null() || metadata["name"] == "")
        .then(|| if generated { problem.with_hint(hint) } else { problem })
}

fn invalid(problem: &Problem, origin: &Origin) -> Diagnostic {
    // Kubernetes begins these with a capital, and has nothing to add for most missing fields.
    let cause = match problem.cause {
        Cause::Required => "required field is missing".to_owned(),
        cause => cause.to_string().to_lowercase(),
    };
    let message = if problem.message.is_empty() { cause } else { format!("{cause}: {}", problem.message) };
    origin.error(&problem.path, message)
}

fn unsupported<'a>(
    fields: &'a [support::Unsupported],
    origin: &'a Origin,
    options: &'a Options,
) -> impl Iterator<Item = Diagnostic> + 'a {
    fields.iter().map(|field| {
        let error = field.refused && !options.allow_unsupported;
        let severity = if error { Severity::Error } else { Severity::Warning };
        let problem = origin.diagnostic(severity, &field.path, field.message.as_str());
        if error { problem.with_hint("--allow-unsupported turns this into a warning") } else { problem }
    })
}
