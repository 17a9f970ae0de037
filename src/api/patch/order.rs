//! The order of a patched list: as the patch asks, with what only the server knows where it was.

use serde_json::Value;

/// The items in an order: those that `order` names as it does, the others as they stood in `before`, each of them as near
/// to its old neighbours as both orders allow. `key` is what items are known by; without one, they are known by value.
pub(super) fn ordered(items: Vec<Value>, order: &[Value], before: &[Value], key: Option<&str>) -> Vec<Value> {
    let same = |a: &Value, b: &Value| match key {
        Some(key) => a.get(key).is_some() && a.get(key) == b.get(key),
        None => a == b,
    };
    let place = |list: &[Value], item: &Value| list.iter().position(|other| same(other, item));
    let (mut named, mut others): (Vec<_>, Vec<_>) = items.into_iter().partition(|item| place(order, item).is_some());
    named.sort_by_key(|item| place(order, item));
    others.sort_by_key(|item| place(before, item));
    let (mut named, mut others) = (named.into_iter().peekable(), others.into_iter().peekable());
    let mut all = Vec::new();
    loop {
        let first = match (named.peek(), others.peek()) {
            (None, None) => return all,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (Some(named), Some(other)) => match (place(before, named), place(before, other)) {
                (Some(named), Some(other)) => named < other,
                _ => false,
            },
        };
        all.extend(if first { named.next() } else { others.next() });
    }
}
