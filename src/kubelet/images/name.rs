//! What the name of an image says. <https://github.com/distribution/reference/blob/main/reference.go>

/// The registry of images that name none.
const DEFAULT: &str = "docker.io";

/// Whether the text can name an image: `[registry[:port]/]path[:tag][@digest]`.
#[must_use]
pub fn is_name(text: &str) -> bool {
    let (name, tag, digest) = split(text);
    let mut parts = name.split('/').peekable();
    if name.contains('/') {
        parts.next_if(|part| {
            is_registry(part) && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':'))
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

/// The registry and path of an image in full: `docker.io/library/nginx` for `nginx:1.27`.
#[must_use]
pub fn repository(image: &str) -> String {
    let (name, ..) = split(image);
    match name.split_once('/') {
        None => format!("{DEFAULT}/library/{name}"),
        Some(("docker.io" | "index.docker.io", path)) if !path.contains('/') => format!("{DEFAULT}/library/{path}"),
        Some(("docker.io" | "index.docker.io", path)) => format!("{DEFAULT}/{path}"),
        Some((first, _)) if is_registry(first) => name.to_owned(),
        Some(_) => format!("{DEFAULT}/{name}"),
    }
}

/// The registry that an image comes from: `docker.io`, `localhost:5000`.
#[must_use]
pub fn registry(image: &str) -> String {
    let mut repository = repository(image);
    repository.truncate(repository.find('/').unwrap_or(repository.len()));
    repository
}

/// Name, tag and digest.
fn split(text: &str) -> (&str, Option<&str>, Option<&str>) {
    let (name, digest) = text.split_once('@').map_or((text, None), |(name, digest)| (name, Some(digest)));
    match name.rsplit_once(':') {
        // A colon before a slash belongs to a registry's port.
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag), digest),
        _ => (name, None, digest),
    }
}

/// Whether the first part of a path is a registry.
fn is_registry(part: &str) -> bool {
    part.contains(['.', ':']) || part == "localhost"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_images() {
        for good in ["nginx", "nginx:1.27", "a/b_c:v", "localhost:5000/x", "r.io/x/y@sha256:ab12", "wharf/hello:1"] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", "Nginx", "nginx:", "a//b", "a b", "-a", "x:ta/g:", "nginx:la test", "/a"] {
            assert!(!is_name(bad), "{bad}");
        }
    }

    #[test]
    fn names_in_full() {
        for (image, full, from) in [
            ("nginx", "docker.io/library/nginx", "docker.io"),
            ("ann/app:1", "docker.io/ann/app", "docker.io"),
            ("docker.io/nginx:1", "docker.io/library/nginx", "docker.io"),
            ("index.docker.io/ann/app", "docker.io/ann/app", "docker.io"),
            ("localhost:5000/x:1@sha256:ab", "localhost:5000/x", "localhost:5000"),
            ("r.io/x/y", "r.io/x/y", "r.io"),
        ] {
            assert_eq!((repository(image).as_str(), registry(image).as_str()), (full, from), "{image}");
        }
    }
}
