//! What in a body the server does not know or not honour: refused or warned of, as the client asks. Pure.
//! <https://kubernetes.io/docs/reference/using-api/api-concepts/#setting-the-field-validation-level>

use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value};

use super::query::Query;
use crate::api::{Kind, support};
use crate::apiserver::Error;

const WARNING: HeaderName = HeaderName::from_static("warning");
/// The most bytes that all warnings of an answer have together, as in Kubernetes.
const ROOM: usize = 4096;

/// What to warn of in an object, or in a patch that looks like one.
///
/// # Errors
/// [`Error::BadRequest`] for unknown fields, where the client asks for `Strict`, and for a level that there is not.
pub fn check(kind: &Kind, object: &Value, query: &Query) -> Result<Vec<String>, Error> {
    let strict = match query.text("fieldValidation") {
        Some("Ignore") => return Ok(Vec::new()),
        None | Some("Warn") => false,
        Some("Strict") => true,
        Some(other) => {
            return Err(Error::BadRequest(format!(
                "fieldValidation: Unsupported value: \"{other}\": supported values: \"Ignore\", \"Strict\", \"Warn\""
            )));
        }
    };
    let object = without_directives(object);
    let unknown = (kind.schema)().check(&object).into_iter().filter(|m| m.decodes);
    let mut told: Vec<_> = unknown.map(|m| format!("unknown field \"{}\"", m.path)).collect();
    if strict && !told.is_empty() {
        let (kind, version) = (kind.kind, kind.version);
        return Err(Error::BadRequest(format!(
            "{kind} in version \"{version}\" cannot be handled as a {kind}: strict decoding error: {}",
            told.join(", ")
        )));
    }
    // The status is the node's to write: clients send back what they read.
    let mine = object.as_object().into_iter().flatten().filter(|(name, _)| *name != "status" && *name != "metadata");
    let mine: Map<_, _> = mine.map(|(k, v)| (k.clone(), v.clone())).collect();
    told.extend(support::check(kind, &Value::Object(mine)).into_iter().map(|u| format!("{}: {}", u.path, u.message)));
    Ok(told)
}

/// Puts warnings into the head of an answer.
pub fn warn(headers: &mut HeaderMap, warnings: &[String]) {
    let mut room = ROOM;
    for text in warnings {
        let plain: String = text.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' }).collect();
        let value = format!("299 - \"{}\"", plain.replace('\\', "\\\\").replace('"', "\\\""));
        if value.len() > room {
            return;
        }
        room -= value.len();
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.append(WARNING, value);
        }
    }
}

/// A patch without what tells how to merge it.
fn without_directives(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let own = fields.iter().filter(|(name, _)| !name.starts_with('$'));
            Value::Object(own.map(|(name, value)| (name.clone(), without_directives(value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(without_directives).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn unknown_fields_are_refused_warned_of_or_passed_over() {
        let kind = Kind::by_word("deploy").unwrap();
        let object = json!({"spec": {"replicaz": 1, "$retainKeys": ["a"]}, "zzz": {"$patch": "delete"}});
        let asked = |query: &str| check(kind, &object, &Query::of(query));
        assert_eq!(asked("").unwrap(), ["unknown field \"spec.replicaz\"", "unknown field \"zzz\""]);
        assert_eq!(asked("fieldValidation=Ignore").unwrap(), [""; 0]);
        let refused = asked("fieldValidation=Strict").unwrap_err().message();
        insta::assert_snapshot!(refused, @r#"Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.replicaz", unknown field "zzz""#);
        assert!(asked("fieldValidation=Some").is_err());
    }

    #[test]
    fn what_is_not_honoured_is_warned_of_in_the_head() {
        let kind = Kind::by_word("svc").unwrap();
        let object = json!({"spec": {"externalIPs": ["192.0.2.1"]}, "status": {"loadBalancer": {}}});
        let warnings = check(kind, &object, &Query::of("")).unwrap();
        let mut headers = HeaderMap::new();
        warn(&mut headers, &warnings);
        let text = headers.get("warning").unwrap().to_str().unwrap();
        assert!(text.starts_with("299 - \"spec.externalIPs: ") && headers.len() == 1, "{headers:?}");
        warn(&mut headers, &["ü\n\"".to_owned()]);
        assert_eq!(headers.get_all("warning").iter().nth(1).unwrap(), "299 - \"??\\\"\"");
    }
}
