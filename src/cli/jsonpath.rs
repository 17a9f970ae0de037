//! The part of kubectl's JSONPath that reads values: fields, indices, `*`, and filters for equality. Pure.
//! <https://kubernetes.io/docs/reference/kubectl/jsonpath/>

use crate::api::Value;

/// A path, read: `{.status.conditions[?(@.type=="Ready")].status}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Field(String),
    Index(i64),
    All,
    /// Items of a list in which the value at the path reads so.
    Filter(Path, String),
}

impl Path {
    /// Reads a path; the braces may be left out.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &str) -> Result<Self, String> {
        let inner = text.trim().strip_prefix('{').map_or(Some(text.trim()), |rest| rest.strip_suffix('}'));
        let bad = || format!("\"{text}\" is no JSONPath that wharf reads, such as {{.status.phase}}");
        let mut rest = inner.ok_or_else(bad)?;
        rest = rest.strip_prefix('$').unwrap_or(rest);
        let mut parts = Vec::new();
        while !rest.is_empty() {
            let (part, left) = next(rest).ok_or_else(bad)?;
            parts.push(part);
            rest = left;
        }
        if parts.is_empty() { Err(bad()) } else { Ok(Self(parts)) }
    }

    /// The values at the path, none where there are none.
    pub fn values<'a>(&self, value: &'a Value) -> Vec<&'a Value> {
        self.0.iter().fold(vec![value], |values, part| values.into_iter().flat_map(|v| part.of(v)).collect())
    }
}

impl Part {
    fn of<'a>(&self, value: &'a Value) -> Vec<&'a Value> {
        let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
        match self {
            Self::Field(field) => value.get(field).into_iter().collect(),
            Self::Index(index) if *index < 0 => {
                items.iter().rev().nth(usize::try_from(-index - 1).unwrap_or(usize::MAX)).into_iter().collect()
            }
            Self::Index(index) => items.get(usize::try_from(*index).unwrap_or(usize::MAX)).into_iter().collect(),
            Self::All if value.is_object() => value.as_object().into_iter().flat_map(|o| o.values()).collect(),
            Self::All => items.iter().collect(),
            Self::Filter(path, wanted) => {
                items.iter().filter(|item| path.values(item).iter().any(|v| plain(v) == *wanted)).collect()
            }
        }
    }
}

/// A value as JSONPath prints it.
pub fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The next part and what is left.
fn next(text: &str) -> Option<(Part, &str)> {
    if let Some(rest) = text.strip_prefix('[') {
        return bracket(rest);
    }
    let rest = text.strip_prefix('.')?;
    // A dot within a name is written `\.`.
    let mut name = String::new();
    let mut letters = rest.char_indices();
    let mut end = rest.len();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => name.extend(letters.next().map(|(_, c)| c)),
            '.' | '[' => {
                end = at;
                break;
            }
            _ => name.push(letter),
        }
    }
    let part = if name == "*" { Part::All } else { Part::Field(name.clone()) };
    (!name.is_empty()).then_some((part, &rest[end..]))
}

fn bracket(rest: &str) -> Option<(Part, &str)> {
    if let Some(filter) = rest.strip_prefix("?(") {
        let (filter, rest) = filter.split_once(")]")?;
        let (path, wanted) = filter.split_once("==")?;
        let path = Path::read(path.trim().strip_prefix('@')?).ok()?;
        let wanted = wanted.trim();
        return Some((Part::Filter(path, unquoted(wanted).unwrap_or(wanted).to_owned()), rest));
    }
    let (inside, rest) = rest.split_once(']')?;
    let part = match (inside, unquoted(inside)) {
        ("*", _) => Part::All,
        (_, Some(name)) => Part::Field(name.to_owned()),
        (number, None) => Part::Index(number.parse().ok()?),
    };
    Some((part, rest))
}

fn unquoted(text: &str) -> Option<&str> {
    ['"', '\''].iter().find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_indices_and_filters() {
        let object = json!({
            "metadata": {"labels": {"a.b/c": "x"}},
            "status": {"phase": "Running", "n": 3, "conditions": [{"type": "A", "status": "False"}, {"type": "Ready", "status": "True"}]},
        });
        let read = |path: &str| match Path::read(path) {
            Ok(path) => path.values(&object).into_iter().map(plain).collect::<Vec<_>>().join(" "),
            Err(why) => why,
        };
        assert_eq!(read("{.status.phase}"), "Running");
        assert_eq!(read("status.phase"), "\"status.phase\" is no JSONPath that wharf reads, such as {.status.phase}");
        assert_eq!(read(".status.n"), "3");
        assert_eq!(read("{$.status.conditions[0].type}"), "A");
        assert_eq!(read("{.status.conditions[-1].type}"), "Ready");
        assert_eq!(read("{.status.conditions[*].status}"), "False True");
        assert_eq!(read("{.status.conditions[?(@.type==\"Ready\")].status}"), "True");
        assert_eq!(read("{.metadata.labels['a.b/c']}"), "x");
        assert_eq!(read(r"{.metadata.labels.a\.b/c}"), "x");
        assert_eq!(read("{.nowhere}"), "");
    }
}
