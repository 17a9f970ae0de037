//! Rules that fields of many kinds share, each yielding the problems of one field.

use std::fmt::Debug;

use super::name::Rule;
use crate::api::Problem;

/// An invalid value, shown with what is wrong with it.
pub fn invalid(path: impl Into<String>, value: impl Debug, message: &str) -> Problem {
    Problem::invalid(path, format!("{value:?}: {message}"))
}

/// A text that must follow a rule.
pub fn named(path: &str, value: &str, rule: Rule) -> Vec<Problem> {
    rule(value).iter().map(|message| invalid(path, value, message)).collect()
}

/// A text that must be there and follow a rule.
pub fn required(path: &str, value: &str, rule: Rule) -> Vec<Problem> {
    if value.is_empty() { vec![Problem::required(path, "")] } else { named(path, value, rule) }
}

/// A text from a closed set, where it is set.
pub fn one_of(path: &str, value: Option<&str>, supported: &[&str]) -> Option<Problem> {
    let value = value?;
    (!supported.contains(&value)).then(|| Problem::not_supported(path, value, supported))
}

/// A number that may not be negative, where it is set.
pub fn not_negative(path: &str, value: Option<impl Into<i64>>) -> Option<Problem> {
    let value = value?.into();
    (value < 0).then(|| invalid(path, value, "must be greater than or equal to 0"))
}

/// A port's number.
pub fn port(path: &str, value: i32) -> Option<Problem> {
    (!(1..=65_535).contains(&value)).then(|| invalid(path, value, "must be between 1 and 65535, inclusive"))
}

/// A path inside a volume: relative, without `..`.
pub fn inner_path(path: &str, value: &str) -> Option<Problem> {
    if value.starts_with('/') {
        return Some(invalid(path, value, "must be a relative path"));
    }
    value.split('/').any(|part| part == "..").then(|| invalid(path, value, "must not contain '..'"))
}

/// A field that keeps its value for the life of the object.
pub fn immutable<T: PartialEq + serde::Serialize>(path: &str, new: &T, old: Option<&T>) -> Option<Problem> {
    let changed = old.is_some_and(|old| old != new);
    changed.then(|| Problem::invalid(path, format!("{}: field is immutable", json(new))))
}

/// A value as JSON, as Kubernetes prints structures in messages.
pub fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
