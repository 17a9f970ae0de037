//! A forecast as people read it: objects with their fields, and the pods. Pure.

use serde_json::Value;

use crate::api::Key;
use crate::api::diff::{Difference, diff, plain};
use crate::api::forecast::{Fate, Forecast, PodsFate};
use crate::cli::apply::{PART_OF, key};
use crate::cli::words;

/// Metadata that the server writes.
const SERVERS: [&str; 6] = ["managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink"];

/// Whether anything would change.
pub fn differs(forecast: &Forecast) -> bool {
    forecast.objects.iter().any(|fate| fate.before.is_none() || fate.after.is_none() || !differences(fate).is_empty())
}

/// The text; empty where nothing would change. `kept` left the files and stays.
pub fn of(forecast: &Forecast, kept: &[(Key, &'static str)]) -> String {
    let mut lines: Vec<String> = forecast.objects.iter().flat_map(object).collect();
    let stays = |(key, option): &(Key, &str)| {
        format!("  {}: left the files and is kept ({option} deletes it)", words::name(key))
    };
    lines.extend(kept.iter().map(stays));
    if differs(forecast) {
        lines.extend(forecast.pods.iter().filter_map(pods));
    }
    lines.join("\n")
}

fn name(fate: &Fate) -> String {
    let Some(key) = key(fate) else { return String::new() };
    format!("{}{}", words::name(&key), place(&key.namespace))
}

/// Where an object is, unless that is where everything is.
fn place(namespace: &str) -> String {
    if matches!(namespace, "" | "default") { String::new() } else { format!(" in {namespace}") }
}

/// The lines about one object; none where it stays as it is.
fn object(fate: &Fate) -> Vec<String> {
    let name = name(fate);
    if let Some(why) = &fate.refused {
        return vec![format!("! {name}: would be refused: {why}")];
    }
    match (&fate.before, &fate.after) {
        (None, _) => vec![format!("+ {name}: would be created")],
        (_, None) => vec![format!("- {name}: would be deleted, as it left the files")],
        _ => {
            let fields: Vec<String> = differences(fate).iter().flat_map(field).collect();
            let head = (!fields.is_empty()).then(|| format!("~ {name}: would be changed"));
            head.into_iter().chain(fields).collect()
        }
    }
}

/// The fields in which an object would differ, those aside that the server writes; the values of secrets do not show.
fn differences(fate: &Fate) -> Vec<Difference> {
    let (Some(before), Some(after)) = (&fate.before, &fate.after) else { return Vec::new() };
    let mut all = diff(&clean(before), &clean(after));
    if before["kind"] == "Secret" {
        let secret = |d: &&mut Difference| d.path.starts_with("data") || d.path.contains("last-applied-configuration");
        all.iter_mut().filter(secret).for_each(|difference| {
            difference.old = difference.old.take().map(|_| "*** (before)".into());
            difference.new = difference.new.take().map(|_| "*** (after)".into());
        });
    }
    all
}

fn clean(object: &Value) -> Value {
    let mut object = object.clone();
    object.as_object_mut().map(|o| o.remove("status"));
    if let Some(meta) = object["metadata"].as_object_mut() {
        meta.retain(|field, _| !SERVERS.contains(&field.as_str()));
        if let Some(labels) = meta.get_mut("labels").and_then(Value::as_object_mut) {
            labels.remove(PART_OF);
        }
        if meta.get("labels").and_then(Value::as_object).is_some_and(serde_json::Map::is_empty) {
            meta.remove("labels");
        }
    }
    object
}

/// A field on one line, or a text of several by its lines that differ.
fn field(difference: &Difference) -> Vec<String> {
    let text = |value: &Option<Value>| value.as_ref().and_then(Value::as_str).map(str::to_owned);
    let (old, new) = (text(&difference.old), text(&difference.new));
    match (&old, &new) {
        (Some(old), Some(new)) if old.contains('\n') || new.contains('\n') => {
            let lines = changed_lines(old, new).into_iter().map(|line| format!("      {line}"));
            std::iter::once(format!("    {}:", difference.path)).chain(lines).collect()
        }
        _ => vec![format!("    {}", short(difference))],
    }
}

/// The difference with its values cut to what fits on a line.
fn short(difference: &Difference) -> String {
    const LONGEST: usize = 120;
    let side = |value: &Option<Value>| {
        let text = value.as_ref().map_or_else(|| "<none>".to_owned(), plain);
        if text.chars().count() > LONGEST {
            format!("{}…", text.chars().take(LONGEST).collect::<String>())
        } else {
            text
        }
    };
    format!("{}: {} → {}", difference.path, side(&difference.old), side(&difference.new))
}

/// The lines between those that both texts begin and end with.
fn changed_lines(old: &str, new: &str) -> Vec<String> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[head..], &new[head..]);
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[..old.len() - tail], &new[..new.len() - tail]);
    let mut lines: Vec<String> = old.iter().map(|line| format!("- {line}")).collect();
    lines.extend(new.iter().map(|line| format!("+ {line}")));
    if lines.is_empty() { vec!["the line feed at the end".to_owned()] } else { lines }
}

/// What would become of the pods of one workload; nothing where nothing happens to any.
fn pods(fate: &PodsFate) -> Option<String> {
    let listed = |word: &str, names: &[String]| {
        (!names.is_empty()).then(|| format!("{} {word} ({})", names.len(), names.join(", ")))
    };
    let mut why: Vec<&str> = fate.why.iter().map(|d| d.path.as_str()).collect();
    why.dedup();
    let reason = if why.is_empty() {
        "as its workload makes it anew".to_owned()
    } else {
        format!("because of {}", why.join(", "))
    };
    let parts = [
        listed("replaced", &fate.replaced).map(|text| format!("{text} {reason}")),
        (fate.created > 0).then(|| format!("{} created", fate.created)),
        listed("removed", &fate.removed),
    ];
    let mut parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() {
        return None;
    }
    if !fate.kept.is_empty() {
        parts.push(format!("{} kept", fate.kept.len()));
    }
    let unscheduled = fate.unscheduled.as_ref().map(|why| format!("\n    could not run: {why}")).unwrap_or_default();
    Some(format!("  pods of {}{}: {}{unscheduled}", fate.owner, place(&fate.namespace), parts.join("; ")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fate(before: &Value, after: &Value) -> Fate {
        let some = |value: &Value| (!value.is_null()).then(|| value.clone());
        Fate { before: some(before), after: some(after), refused: None }
    }

    #[test]
    fn objects_by_field_and_secrets_masked() {
        let secret = |value: &str, number: i32| {
            json!({"apiVersion": "v1", "kind": "Secret", "data": {"key": value},
            "metadata": {"name": "keys", "namespace": "shop", "generation": number, "labels": {PART_OF: number}}})
        };
        let config = |text: &str| {
            json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"page": text, "n": "1"},
            "metadata": {"name": "site", "namespace": "default"}})
        };
        let null = Value::Null;
        let refused = Fate { refused: Some("no".to_owned()), ..fate(&config("a"), &config("b")) };
        let objects = vec![
            fate(&secret("YQ==", 1), &secret("Yg==", 2)),
            fate(&config("one\ntwo\nthree\n"), &config("one\n2\nthree\n")),
            fate(&secret("YQ==", 1), &secret("YQ==", 2)),
            fate(&null, &config("")),
            fate(&config(""), &null),
            refused,
        ];
        let pods = PodsFate {
            owner: "Deployment web".to_owned(),
            namespace: "shop".to_owned(),
            kept: vec!["a".to_owned()],
            replaced: vec!["b".to_owned(), "c".to_owned()],
            created: 1,
            why: diff(&json!({"spec": {"x": 1}}), &json!({"spec": {"x": 2}})),
            ..PodsFate::default()
        };
        let forecast = Forecast { objects, pods: vec![pods] };
        assert!(differs(&forecast));
        insta::assert_snapshot!(of(&forecast, &[]), @r"
        ~ secret/keys in shop: would be changed
            data.key: *** (before) → *** (after)
        ~ configmap/site: would be changed
            data.page:
              - two
              + 2
        + configmap/site: would be created
        - configmap/site: would be deleted, as it left the files
        ! configmap/site: would be refused: no
          pods of Deployment web in shop: 2 replaced (b, c) because of spec.x; 1 created; 1 kept
        ");
    }

    #[test]
    fn what_only_the_server_writes_is_no_difference() {
        let object =
            |n: i32| json!({"apiVersion": "v1", "kind": "ConfigMap", "status": n, "metadata": {"name": "a", "uid": n}});
        let forecast = Forecast { objects: vec![fate(&object(1), &object(2))], pods: Vec::new() };
        assert!(!differs(&forecast) && of(&forecast, &[]).is_empty());
    }
}
