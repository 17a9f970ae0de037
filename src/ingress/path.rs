//! Which paths can be served, and how they are written for nginx.

use super::ir::Route;

/// nginx takes no parameter longer than its buffer of 4 KiB, escapes included.
const LONGEST: usize = 1024;

/// What a rule's path and type match.
///
/// # Errors
/// Why nothing can be served under the path.
pub fn route(path: &str, path_type: &str) -> Result<Route, String> {
    if !path.starts_with('/') && !path.is_empty() {
        return Err(format!("path {path:?} is not absolute"));
    }
    if path.len() > LONGEST {
        return Err(format!("a path of {} bytes is longer than {LONGEST}", path.len()));
    }
    if path.chars().any(char::is_control) {
        return Err(format!("path {path:?} has a control character"));
    }
    match path_type {
        "Exact" if path.is_empty() => Err("an exact path can't be empty".to_owned()),
        "Exact" => Ok(Route::Exact(path.to_owned())),
        // A slash at the end means nothing: https://kubernetes.io/docs/concepts/services-networking/ingress/#examples
        _ => Ok(Route::Prefix(path.trim_end_matches('/').to_owned())),
    }
}

/// A text as one parameter of nginx, whatever it holds. Not for directives that expand variables.
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
