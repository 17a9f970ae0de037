//! A number of pods that may be a percentage, such as `maxSurge`.

use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

/// The number, or the percentage of `whole`, rounded down.
pub fn floor(value: &IntOrString, whole: i32) -> i32 {
    share(value, whole, 0)
}

/// The number, or the percentage of `whole`, rounded up.
pub fn ceil(value: &IntOrString, whole: i32) -> i32 {
    share(value, whole, 99)
}

/// The number, or the percentage of `whole` after `round` hundredths were added.
fn share(value: &IntOrString, whole: i32, round: i64) -> i32 {
    match value {
        IntOrString::Int(n) => *n,
        IntOrString::String(text) => {
            let percent: i64 = text.strip_suffix('%').and_then(|p| p.parse().ok()).unwrap_or(0);
            i32::try_from((i64::from(whole) * percent + round) / 100).unwrap_or(whole)
        }
    }
}
