//! Decides whether an image must be pulled. <https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy>

use k8s_openapi::api::core::v1::Container as Declared;

/// What to do about a container's image before the container is created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The host has it.
    Nothing,
    /// It must be pulled.
    Pull,
    /// It may not be pulled and is not there.
    Missing,
}

/// What to do, given whether the host has the image. A policy left out means `IfNotPresent` for every tag: images that
/// the host has just run.
#[must_use]
pub fn need(declared: &Declared, present: bool) -> Need {
    match declared.image_pull_policy.as_deref() {
        Some("Always") => Need::Pull,
        _ if present => Need::Nothing,
        Some("Never") => Need::Missing,
        _ => Need::Pull,
    }
}

/// Whether the text can name an image: `[registry[:port]/]path[:tag][@digest]`.
/// <https://github.com/distribution/reference/blob/main/reference.go>
#[must_use]
pub fn is_name(text: &str) -> bool {
    let (name, digest) = text.split_once('@').map_or((text, None), |(name, digest)| (name, Some(digest)));
    let (name, tag) = match name.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (name, None),
    };
    let mut parts = name.split('/').peekable();
    let registry = |part: &str| part.contains(['.', ':']) || part == "localhost";
    if name.contains('/') {
        parts.next_if(|part| {
            registry(part) && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':'))
        });
    }
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let part = |part: &str| {
        part.starts_with(word) && part.ends_with(word) && part.chars().all(|c| word(c) || matches!(c, '.' | '_' | '-'))
    };
    let tagged = |tag: &str| {
        let first = tag.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        first && tag.len() <= 128 && tag.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
    };
    let hash = |d: &str| d.split_once(':').is_some_and(|(_, hex)| hex.chars().all(|c| c.is_ascii_hexdigit()));
    parts.all(part) && tag.is_none_or(tagged) && digest.is_none_or(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_pulled_as_the_policy_says() {
        let table = [
            (None, true, Need::Nothing),
            (None, false, Need::Pull),
            (Some("IfNotPresent"), true, Need::Nothing),
            (Some("Always"), true, Need::Pull),
            (Some("Never"), true, Need::Nothing),
            (Some("Never"), false, Need::Missing),
        ];
        for (policy, present, expected) in table {
            let declared = Declared { image_pull_policy: policy.map(str::to_owned), ..Declared::default() };
            assert_eq!(need(&declared, present), expected, "{policy:?} {present}");
        }
    }

    #[test]
    fn names_of_images() {
        for good in ["nginx", "nginx:1.27", "a/b_c:v", "localhost:5000/x", "r.io/x/y@sha256:ab12", "wharf/hello:1"] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", "Nginx", "nginx:", "a//b", "a b", "-a", "x:ta/g:", "nginx:la test", "/a"] {
            assert!(!is_name(bad), "{bad}");
        }
    }
}
