//! `wharf wait`: until a condition holds, a value is there, or objects are made or gone.

use futures_util::StreamExt;
use tokio::time::{Instant, timeout_at};

use super::args::Wait;
use super::error::Error;
use super::find;
use super::jsonpath::{Path, plain};
use super::ui::Ui;
use super::words::{self, Named};
use crate::api::object::meta;
use crate::api::{Key, Value};
use crate::client::{Client, ListOptions, WatchEvent};

/// What is waited for.
#[derive(Debug, PartialEq, Eq)]
enum What {
    Created,
    Deleted,
    /// A condition's type and its value, both in small letters.
    Condition(String, String),
    /// A value at a path; any where it is `None`.
    Value(Path, Option<String>),
}

/// Runs `wharf wait`.
///
/// # Errors
/// What is waited for is nothing wharf knows, no such object, or the time is over.
pub async fn run(client: &Client, namespace: &str, wait: &Wait, ui: &Ui) -> Result<(), Error> {
    let what = read(&wait.what).map_err(Error::usage)?;
    let end = Instant::now() + wait.timeout;
    let mut keys = Vec::new();
    for name in words::read(&wait.resources, namespace)? {
        match name {
            Named::One(key) => keys.push((key, String::new())),
            Named::All(kind) if wait.selection.all || wait.selection.selector.is_some() => {
                let all = find::all(client, kind, namespace, wait.selection.selector.as_ref()).await?;
                keys.extend(all.iter().map(|object| (Key::of(kind, object), meta(object, "uid").to_owned())));
            }
            Named::All(kind) => {
                return Err(Error::usage(format!("name the {}, or give -l SELECTOR or --all", kind.plural)));
            }
        }
    }
    if keys.is_empty() && what != What::Deleted {
        return Err(Error::user("no matching resources found"));
    }
    for (key, uid) in keys {
        one(client, &key, uid, &what, end).await?;
        let met = if what == What::Deleted { "deleted" } else { "condition met" };
        ui.data(&format!("{} {met}", words::name(&key)));
    }
    Ok(())
}

/// Reads what stands after `--for`.
fn read(text: &str) -> Result<What, String> {
    let (sort, rest) = text.split_once('=').unwrap_or((text, ""));
    match (sort.to_lowercase().as_str(), rest) {
        ("create", "") => Ok(What::Created),
        ("delete", "") => Ok(What::Deleted),
        ("condition", rest) if !rest.is_empty() => {
            let (name, value) = rest.split_once('=').unwrap_or((rest, "true"));
            Ok(What::Condition(name.to_lowercase(), value.to_lowercase()))
        }
        ("jsonpath", rest) if !rest.is_empty() => {
            // The path may hold `==` itself.
            let at = rest.rfind('}').map_or(0, |at| at + 1);
            let (path, value) = match rest[at..].split_once('=') {
                Some((end, value)) => (format!("{}{end}", &rest[..at]), Some(value)),
                None => (rest.to_owned(), None),
            };
            let value = value.map(|v| v.trim_matches(|c| c == '"' || c == '\'').to_owned());
            Ok(What::Value(Path::read(&path)?, value))
        }
        _ => Err(format!(
            "\"{text}\" is nothing to wait for: condition=NAME[=VALUE], delete, create or jsonpath={{PATH}}[=VALUE]"
        )),
    }
}

/// Waits for one object; one of another uid than the given one is a new one.
async fn one(client: &Client, key: &Key, uid: String, what: &What, end: Instant) -> Result<(), Error> {
    let fields = format!("metadata.name={}", key.name);
    let options =
        ListOptions { namespace: key.kind.namespaced.then(|| key.namespace.clone()), labels: String::new(), fields };
    let list = client.list(key.kind, &options).await?;
    let mut object = list.items.into_iter().next();
    if object.is_none() && !matches!(what, What::Created | What::Deleted) {
        client.get(key).await?;
    }
    let uid = if uid.is_empty() { object.as_ref().map(|o| meta(o, "uid").to_owned()).unwrap_or_default() } else { uid };
    let mut changes = client.watch(key.kind, &options, list.revision).await?;
    loop {
        if is_met(what, object.as_ref(), &uid) {
            return Ok(());
        }
        if object.is_none() && !matches!(what, What::Created) {
            return Err(Error::user(format!("{} has been deleted", words::name(key))));
        }
        let over = || Error::node(format!("timed out waiting for the condition on {}/{}", key.kind.plural, key.name));
        object = match timeout_at(end, changes.next()).await.map_err(|_| over())? {
            None => return Err(Error::node("the node stopped answering")),
            Some(event) => match event? {
                WatchEvent::Added(object) | WatchEvent::Modified(object) => Some(object),
                WatchEvent::Deleted(_) => None,
            },
        };
    }
}

fn is_met(what: &What, object: Option<&Value>, uid: &str) -> bool {
    let Some(object) = object else { return *what == What::Deleted };
    match what {
        What::Created => true,
        What::Deleted => meta(object, "uid") != uid,
        What::Condition(name, value) => {
            // What was seen of an older spec does not count.
            let (wanted, seen) = (&object["metadata"]["generation"], &object["status"]["observedGeneration"]);
            let is_old = seen.as_i64().is_some_and(|seen| wanted.as_i64().is_some_and(|wanted| seen < wanted));
            let text = |v: &Value| v.as_str().unwrap_or_default().to_lowercase();
            let mut all = object["status"]["conditions"].as_array().into_iter().flatten();
            !is_old && all.any(|c| text(&c["type"]) == *name && text(&c["status"]) == *value)
        }
        What::Value(path, wanted) => {
            let values = path.values(object);
            match wanted {
                None => !values.is_empty(),
                Some(wanted) => values.iter().any(|v| plain(v) == *wanted),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn met(what: &str, object: Option<&Value>) -> bool {
        is_met(&read(what).unwrap(), object, "u1")
    }

    #[test]
    fn conditions_values_and_the_end() {
        let status =
            json!({"observedGeneration": 2, "phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]});
        let mut pod = json!({"metadata": {"uid": "u1", "generation": 2}, "status": status});
        for (what, wanted) in [
            ("condition=Ready", true),
            ("condition=ready=false", false),
            ("condition=Available", false),
            ("jsonpath={.status.phase}=Running", true),
            ("jsonpath='{.status.phase}'=Running", false),
            ("jsonpath={.status.phase}=Failed", false),
            ("jsonpath={.status.phase}", true),
            ("jsonpath={.status.conditions[?(@.type==\"Ready\")].status}=True", true),
            ("delete", false),
            ("create", true),
        ] {
            let read = read(what);
            assert_eq!(read.is_ok_and(|what| is_met(&what, Some(&pod), "u1")), wanted, "{what}");
        }
        assert!(met("delete", None) && !met("create", None));
        pod["metadata"]["uid"] = json!("u2");
        assert!(met("delete", Some(&pod)), "another one of this name");
        pod["metadata"]["generation"] = json!(3);
        assert!(!met("condition=Ready", Some(&pod)), "it was ready as it was before");
        assert!(read("Ready").is_err() && read("condition=").is_err());
    }
}
