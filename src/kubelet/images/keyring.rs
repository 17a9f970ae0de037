//! Decides which credentials may fit an image.
//! <https://kubernetes.io/docs/concepts/containers/images/#config-json>

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Secret;
use serde_json::Value;

use super::credentials::{Credentials, entries};
use super::name::repository;

/// The registry that images without one come from, as Docker's configuration names it.
const DEFAULT: &str = "index.docker.io";

/// Credentials by the registries, or parts of registries, that they are for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keyring {
    /// The more specific ones first.
    all: Vec<(Pattern, Credentials)>,
}

/// `host[:port][/path]`; the parts of the host may have wildcards.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Pattern {
    text: String,
}

impl Keyring {
    /// What Secrets of the types `kubernetes.io/dockerconfigjson` and `kubernetes.io/dockercfg` hold, in their order;
    /// others, and those that can't be understood, hold nothing.
    pub fn of<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        let all = secrets.into_iter().filter_map(read).flatten();
        let mut all: Vec<_> = all.map(|(registry, found)| (Pattern::of(&registry), found)).collect();
        // A path sorts behind the registry that it is a part of.
        all.sort_by(|(a, _), (b, _)| b.cmp(a));
        Self { all }
    }

    /// The credentials that may be tried for an image, the best first.
    #[must_use]
    pub fn lookup(&self, image: &str) -> Vec<&Credentials> {
        let repository = repository(image);
        let fit = |fits: &dyn Fn(&Pattern) -> bool| -> Vec<&Credentials> {
            self.all.iter().filter(|(pattern, _)| fits(pattern)).map(|(_, found)| found).collect()
        };
        let found = fit(&|pattern| pattern.fits(&repository));
        if found.is_empty() && repository.starts_with("docker.io/") {
            return fit(&|pattern| pattern.text == DEFAULT);
        }
        found
    }
}

/// What a Secret holds.
fn read(secret: &Secret) -> Option<BTreeMap<String, Credentials>> {
    let value = |key: &str| serde_json::from_slice::<Value>(&secret.data.as_ref()?.get(key)?.0).ok();
    match secret.type_.as_deref()? {
        "kubernetes.io/dockerconfigjson" => entries(value(".dockerconfigjson")?.get("auths")?),
        "kubernetes.io/dockercfg" => entries(&value(".dockercfg")?),
        _ => None,
    }
}

impl Pattern {
    fn of(registry: &str) -> Self {
        let bare = ["https://", "http://"].into_iter().find_map(|scheme| registry.strip_prefix(scheme));
        let (host, path) = split(bare.unwrap_or(registry));
        // Docker writes the version of the registry's API behind its name.
        let path = if path.starts_with("/v1/") || path.starts_with("/v2/") { &path[3..] } else { path };
        Self { text: if path == "/" { host.to_owned() } else { format!("{host}{path}") } }
    }

    fn fits(&self, repository: &str) -> bool {
        let ((host, path), (of_host, of_path)) = (split(&self.text), split(repository));
        let ((host, port), (of_host, of_port)) = (parts(host), parts(of_host));
        port == of_port
            && of_path.starts_with(path)
            && host.len() == of_host.len()
            && host.iter().zip(of_host).all(|(pattern, part)| glob(pattern.as_bytes(), part.as_bytes()))
    }
}

/// Host and path, which begins with a slash or is empty.
fn split(text: &str) -> (&str, &str) {
    text.split_at(text.find('/').unwrap_or(text.len()))
}

/// The parts of a host's name, and the port if there is one.
fn parts(host: &str) -> (Vec<&str>, Option<&str>) {
    let (name, port) = host.rsplit_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
    (name.split('.').collect(), port)
}

/// Whether a text fits a pattern: `*` is any number of characters, `?` is one, `[a-z]` one of a set and `[^a-z]` one that
/// is not in it. <https://pkg.go.dev/path/filepath#Match>
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern, text) {
        ([], _) => text.is_empty(),
        ([b'*', rest @ ..], _) => (0..=text.len()).any(|skipped| glob(rest, &text[skipped..])),
        ([b'?', rest @ ..], [_, text @ ..]) => glob(rest, text),
        ([b'[', set @ ..], [first, text @ ..]) => {
            let Some(end) = set.iter().position(|c| *c == b']') else { return false };
            let (set, rest) = (&set[..end], &set[end + 1..]);
            let (set, negated) = set.strip_prefix(b"^").map_or((set, false), |set| (set, true));
            is_in(set, *first) != negated && glob(rest, text)
        }
        ([one, rest @ ..], [first, text @ ..]) => one == first && glob(rest, text),
        (_, []) => false,
    }
}

fn is_in(set: &[u8], wanted: u8) -> bool {
    match set {
        [from, b'-', to, rest @ ..] => (*from..=*to).contains(&wanted) || is_in(rest, wanted),
        [one, rest @ ..] => *one == wanted || is_in(rest, wanted),
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn secret(auths: &Value) -> Secret {
        let text = json!({"auths": auths}).to_string();
        let string = k8s_openapi::ByteString(text.into_bytes());
        Secret {
            type_: Some("kubernetes.io/dockerconfigjson".to_owned()),
            data: Some([(".dockerconfigjson".to_owned(), string)].into()),
            ..Secret::default()
        }
    }

    /// For each image the users that are tried, in order.
    fn tried(secrets: &[Secret], images: &[&str]) -> String {
        let ring = Keyring::of(secrets);
        let users = |image: &&str| {
            let users: Vec<_> = ring.lookup(image).iter().map(|c| c.username.clone()).collect();
            format!("{image}: {}", users.join(" "))
        };
        images.iter().map(users).collect::<Vec<_>>().join("\n")
    }

    fn auths(registries: &[&str]) -> Value {
        registries.iter().map(|r| ((*r).to_owned(), json!({"username": *r, "password": "p"}))).collect()
    }

    #[test]
    fn credentials_fit_by_host_port_path_and_wildcards() {
        let registries = ["*.io", "r.io", "r.io/team", "https://r.io:5000/v2/", "*.r.io", "reg-[0-9].local", "r.i?"];
        let images =
            ["r.io/app:1", "r.io/team/app", "r.io:5000/app", "eu.r.io/app", "a.b.r.io/app", "reg-7.local/a", "nginx"];
        insta::assert_snapshot!(tried(&[secret(&auths(&registries))], &images), @r"
        r.io/app:1: r.io r.i? *.io
        r.io/team/app: r.io/team r.io r.i? *.io
        r.io:5000/app: https://r.io:5000/v2/
        eu.r.io/app: *.r.io
        a.b.r.io/app: 
        reg-7.local/a: reg-[0-9].local
        nginx: *.io
        ");
    }

    #[test]
    fn several_secrets_are_tried_in_their_order() {
        let of = |user: &str| secret(&json!({"r.io": {"username": user}}));
        assert_eq!(tried(&[of("first"), of("second")], &["r.io/a"]), "r.io/a: first second");
        let other = Secret { type_: Some("Opaque".to_owned()), ..of("no") };
        assert_eq!(tried(&[other, Secret::default()], &["r.io/a"]), "r.io/a: ");
    }

    #[test]
    fn the_docker_hub_has_many_names() {
        let hub = [secret(&auths(&["https://index.docker.io/v1/"]))];
        let images = ["nginx", "ann/app:1", "docker.io/ann/app", "index.docker.io/ann/app", "localhost/app"];
        insta::assert_snapshot!(tried(&hub, &images), @r"
        nginx: https://index.docker.io/v1/
        ann/app:1: https://index.docker.io/v1/
        docker.io/ann/app: https://index.docker.io/v1/
        index.docker.io/ann/app: https://index.docker.io/v1/
        localhost/app: 
        ");
        assert_eq!(tried(&[secret(&auths(&["docker.io"]))], &["nginx"]), "nginx: docker.io");
    }

    #[test]
    fn the_older_form_is_read_too() {
        let string = k8s_openapi::ByteString(br#"{"r.io": {"auth": "YTpi"}}"#.to_vec());
        let old = Secret {
            type_: Some("kubernetes.io/dockercfg".to_owned()),
            data: Some([(".dockercfg".to_owned(), string)].into()),
            ..Secret::default()
        };
        assert_eq!(tried(&[old], &["r.io/a"]), "r.io/a: a");
    }
}
