//! Putting wanted fields over live ones, and taking fields away.

use serde_json::{Map, Value};

use super::fields::Fields;
use super::schema::{is_atomic, item_names};

/// Maps whose keys are anybody's: a key goes alone, never the whole map.
const SHARED_MAPS: [&str; 5] = ["f:labels", "f:annotations", "f:data", "f:binaryData", "f:finalizers"];

/// Puts the wanted object over the live one. Lists of items with names keep the live items that are not wanted, after
/// the wanted ones.
pub fn merge(live: &mut Value, wanted: &Value) {
    merge_at("", "", live, wanted);
}

fn merge_at(parent: &str, field: &str, live: &mut Value, wanted: &Value) {
    match (live, wanted) {
        (Value::Object(live), Value::Object(wanted)) if !is_atomic(field) => {
            for (name, value) in wanted {
                merge_at(field, name, live.entry(name).or_insert(Value::Null), value);
            }
        }
        (Value::Array(live), Value::Array(wanted)) => *live = merge_items(parent, field, live, wanted),
        (live, wanted) => *live = wanted.clone(),
    }
}

fn merge_items(parent: &str, field: &str, live: &[Value], wanted: &[Value]) -> Vec<Value> {
    let (Some(live_names), Some(names)) = (item_names(parent, field, live), item_names(parent, field, wanted)) else {
        return wanted.to_vec();
    };
    let merged = names.iter().zip(wanted).map(|(name, item)| {
        let mut merged = live_names.iter().position(|n| n == name).map_or(Value::Null, |at| live[at].clone());
        if merged.is_object() && item.is_object() {
            // The fields of an item stand in the list's field.
            for (inner, value) in item.as_object().into_iter().flatten() {
                merge_at(field, inner, &mut merged[inner.as_str()], value);
            }
        } else {
            merged = item.clone();
        }
        merged
    });
    let rest = live_names.iter().zip(live).filter(|(name, _)| !names.contains(name)).map(|(_, item)| item.clone());
    merged.chain(rest).collect()
}

/// Takes away what was owned and is not wanted any more, unless `others` own it too.
pub fn prune(object: &mut Value, was: &Fields, wanted: &Fields, others: &[&Fields]) {
    // Never a whole top-level field such as `spec`: only what is in it.
    if let Value::Object(top) = object {
        for (name, was) in &was.below {
            let (wanted, others) = (wanted.below.get(name), below(others, name));
            let Some(value) = name.strip_prefix("f:").and_then(|field| top.get_mut(field)) else { continue };
            let field = name.trim_start_matches("f:");
            prune_at("", field, value, was, wanted.unwrap_or(&Fields::default()), &others);
        }
    }
}

fn prune_at(parent: &str, field: &str, value: &mut Value, was: &Fields, wanted: &Fields, others: &[&Fields]) {
    match value {
        Value::Object(object) => prune_members(field, object, was, wanted, others),
        Value::Array(items) => {
            let Some(names) = item_names(parent, field, items) else { return };
            let mut names = names.into_iter();
            items.retain_mut(|item| {
                let Some((name, was)) = names.next().and_then(|n| was.below.get(&n).map(|w| (n, w))) else {
                    return true;
                };
                let (now, others) = (wanted.below.get(&name), below(others, &name));
                let keep = now.is_some() || !others.is_empty();
                if let (true, Value::Object(object)) = (keep, item) {
                    prune_members(field, object, was, now.unwrap_or(&Fields::default()), &others);
                }
                keep
            });
        }
        _ => {}
    }
}

fn prune_members(field: &str, object: &mut Map<String, Value>, was: &Fields, wanted: &Fields, others: &[&Fields]) {
    for (name, was) in &was.below {
        let inner = name.trim_start_matches("f:");
        let (now, others) = (wanted.below.get(name), below(others, name));
        let Some(value) = object.get_mut(inner) else { continue };
        if now.is_some() || !others.is_empty() || SHARED_MAPS.contains(&name.as_str()) {
            prune_at(field, inner, value, was, now.unwrap_or(&Fields::default()), &others);
        } else {
            // With what the server filled in below it: a probe without its handler would be no probe.
            object.remove(inner);
        }
    }
}

fn below<'a>(others: &[&'a Fields], name: &str) -> Vec<&'a Fields> {
    others.iter().filter_map(|fields| fields.below.get(name)).collect()
}
