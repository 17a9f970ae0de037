//! What Kubernetes refuses in a number of pods that may be a percentage, such as `maxSurge`.

use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::field::{invalid, not_negative};
use crate::api::Problem;

/// The number, or the percentage; `None` where it is neither, or not there.
pub fn of(path: &str, amount: Option<&IntOrString>, problems: &mut Vec<Problem>) -> Option<i32> {
    match amount? {
        IntOrString::Int(number) => {
            problems.extend(not_negative(path, Some(*number)));
            Some(*number)
        }
        IntOrString::String(text) => {
            let percent = percent(text);
            if percent.is_none() {
                let message = "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  \
                    or '93%', regex used for validation is '[0-9]+%')";
                problems.push(invalid(path, text, message));
            }
            percent
        }
    }
}

/// A percentage above 100.
pub fn not_over_all(path: &str, amount: Option<&IntOrString>) -> Option<Problem> {
    let IntOrString::String(text) = amount? else { return None };
    let over = percent(text).is_some_and(|percent| percent > 100);
    over.then(|| invalid(path, text, "must not be greater than 100%"))
}

fn percent(text: &str) -> Option<i32> {
    let digits = text.strip_suffix('%').filter(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit()));
    digits.and_then(|d| d.parse().ok())
}
