//! Strategic merge patch: a merge patch in which lists merge by the keys of their items, and directives tell what goes.
//! <https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md>

use serde_json::{Map, Value};

use super::order::ordered;
use super::schema::{ListType, list_type};

const PATCH: &str = "$patch";
const RETAIN: &str = "$retainKeys";
const DELETE: &str = "$deleteFromPrimitiveList/";
const ORDER: &str = "$setElementOrder/";

/// The object with the patch.
///
/// # Errors
/// A directive that there is not or that is in the wrong place, or an item without its key, in words.
pub fn strategic(object: &Value, patch: &Value) -> Result<Value, String> {
    let (Value::Object(object), Value::Object(patch)) = (object, patch) else {
        return Err("a strategic merge patch is an object, for an object".into());
    };
    merge_object("", object, patch).map(Value::Object)
}

/// Merges the object that stands in `field`.
fn merge_object(
    field: &str,
    object: &Map<String, Value>,
    patch: &Map<String, Value>,
) -> Result<Map<String, Value>, String> {
    match patch.get(PATCH).map(Value::as_str) {
        None | Some(Some("merge")) => {}
        Some(Some("replace")) => return fresh_object(field, patch),
        Some(Some("delete")) => return Ok(Map::new()),
        Some(_) => return Err(format!("unknown patch type in {field:?}: {}", patch[PATCH])),
    }
    let mut merged = object.clone();
    if let Some(keep) = patch.get(RETAIN) {
        let keep = keep.as_array().ok_or_else(|| format!("{RETAIN} is not a list"))?;
        let lost = patch.keys().find(|k| !k.starts_with('$') && !keep.iter().any(|kept| kept == k.as_str()));
        if let Some(lost) = lost.filter(|lost| !patch[*lost].is_null()) {
            return Err(format!("{RETAIN} lacks the field {lost:?}, which the patch sets"));
        }
        merged.retain(|name, _| keep.iter().any(|kept| kept == name));
    }
    for (name, gone) in patch.iter().filter_map(|(name, list)| Some((name.strip_prefix(DELETE)?, list))) {
        let gone = gone.as_array().ok_or_else(|| format!("{DELETE}{name} is not a list"))?;
        if let Some(Value::Array(items)) = merged.get_mut(name) {
            items.retain(|item| !gone.contains(item));
        }
    }
    for (name, value) in patch.iter().filter(|(name, _)| !name.starts_with('$')) {
        let new = match (merged.get(name), value) {
            (_, Value::Null) => None,
            (Some(Value::Object(old)), Value::Object(patch)) => Some(Value::Object(merge_object(name, old, patch)?)),
            (Some(Value::Array(old)), Value::Array(patch)) => Some(Value::Array(merge_list(field, name, old, patch)?)),
            (_, value) => Some(fresh(field, name, value)?),
        };
        match new {
            Some(new) => merged.insert(name.clone(), new),
            None => merged.remove(name),
        };
    }
    for (name, order) in patch.iter().filter_map(|(name, list)| Some((name.strip_prefix(ORDER)?, list))) {
        let order = order.as_array().ok_or_else(|| format!("{ORDER}{name} is not a list"))?;
        let before = object.get(name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        if let Some(Value::Array(items)) = merged.get_mut(name) {
            *items = ordered(std::mem::take(items), order, before, key_of(field, name));
        }
    }
    Ok(merged)
}

/// Merges the list in `field`, which stands in `parent`.
fn merge_list(parent: &str, field: &str, list: &[Value], patch: &[Value]) -> Result<Vec<Value>, String> {
    let directive = |item: &Value, word: &str| item.get(PATCH).is_some_and(|found| found == word);
    if patch.iter().any(|item| directive(item, "replace")) {
        let rest: Vec<_> = patch.iter().filter(|item| !directive(item, "replace")).cloned().collect();
        return fresh_list(field, &rest);
    }
    if list_type(parent, field) == ListType::Set {
        let mut merged = list.to_vec();
        merged.extend(fresh_list(field, patch)?.into_iter().filter(|item| !list.contains(item)));
        return Ok(merged);
    }
    let Some(key) = key_of(parent, field) else { return fresh_list(field, patch) };
    let mut merged = list.to_vec();
    for item in patch {
        let item = item.as_object().ok_or_else(|| format!("an item of {field:?} in the patch is not an object"))?;
        let Some(value) = item.get(key) else {
            return Err(format!("an item of {field:?} in the patch does not contain declared merge key: {key}"));
        };
        if item.get(PATCH).is_some_and(|word| word == "delete") {
            merged.retain(|there| there.get(key) != Some(value));
            continue;
        }
        match merged.iter_mut().find(|there| there.get(key) == Some(value)) {
            Some(Value::Object(there)) => *there = merge_object(field, there, item)?,
            _ => merged.push(Value::Object(fresh_object(field, item)?)),
        }
    }
    Ok(merged)
}

/// The key that the items of a list are known by; `None` where the list is one value, or a set.
fn key_of(parent: &str, field: &str) -> Option<&'static str> {
    match list_type(parent, field) {
        ListType::Map(keys) => keys.first().copied(),
        ListType::Atomic | ListType::Set => None,
    }
}

/// What a patch sets where there was nothing: itself, without what only tells how to merge.
fn fresh(parent: &str, field: &str, value: &Value) -> Result<Value, String> {
    Ok(match value {
        Value::Object(object) => Value::Object(merge_fresh(field, object)?),
        Value::Array(items) => Value::Array(merge_list(parent, field, &[], items)?),
        scalar => scalar.clone(),
    })
}

fn merge_fresh(field: &str, object: &Map<String, Value>) -> Result<Map<String, Value>, String> {
    if object.get(PATCH).is_some_and(|word| word == "delete") { Ok(Map::new()) } else { fresh_object(field, object) }
}

fn fresh_object(field: &str, object: &Map<String, Value>) -> Result<Map<String, Value>, String> {
    let own = object.iter().filter(|(name, value)| !name.starts_with('$') && !value.is_null());
    own.map(|(name, value)| Ok((name.clone(), fresh(field, name, value)?))).collect()
}

fn fresh_list(field: &str, items: &[Value]) -> Result<Vec<Value>, String> {
    let own = items.iter().filter(|item| item.get(PATCH).is_none_or(|word| word != "delete"));
    own.map(|item| match item {
        Value::Object(object) => fresh_object(field, object).map(Value::Object),
        Value::Array(items) => fresh_list("", items).map(Value::Array),
        other => Ok(other.clone()),
    })
    .collect()
}
