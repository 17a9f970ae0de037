//! Decides whether an image must be pulled. <https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy>

/// What to do about an image before it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The host has it.
    Nothing,
    /// It must be pulled.
    Pull,
    /// It may not be pulled and is not there.
    Missing,
}

/// What to do by a pull policy, given whether the host has the image. A policy left out means `IfNotPresent` for every
/// tag: images that the host has just run.
#[must_use]
pub fn need(policy: Option<&str>, present: bool) -> Need {
    match policy {
        Some("Always") => Need::Pull,
        _ if present => Need::Nothing,
        Some("Never") => Need::Missing,
        _ => Need::Pull,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_pulled_as_the_policy_says() {
        for (policy, present, expected) in [
            (None, true, Need::Nothing),
            (None, false, Need::Pull),
            (Some("IfNotPresent"), true, Need::Nothing),
            (Some("Always"), true, Need::Pull),
            (Some("Never"), true, Need::Nothing),
            (Some("Never"), false, Need::Missing),
        ] {
            assert_eq!(need(policy, present), expected, "{policy:?} {present}");
        }
    }
}
