//! Strings for which empty means left out.

/// Sets a string field that is absent or empty.
pub fn text(field: &mut Option<String>, default: &str) {
    if field.as_deref().unwrap_or_default().is_empty() {
        *field = Some(default.to_owned());
    }
}
