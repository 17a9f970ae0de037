//! Paths of the API, read. Pure. <https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris>

use super::review::Review;
use super::usage::{self, Asked};
use crate::api::{Key, Kind};

/// What a path names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// Whether the server is up.
    Health,
    /// The server's version.
    Version,
    /// The versions of the core group.
    CoreVersions,
    /// The groups, all or one.
    Groups(Option<String>),
    /// The kinds of a group's version.
    Resources(String, String),
    /// What would come of a wish: wharf's own, and no resource.
    Forecast,
    /// All objects of a kind, in one namespace or in all.
    Objects(&'static Kind, Option<String>),
    /// The OpenAPI documents: where they are, or that of a group's version.
    OpenApi(Option<(String, String)>),
    /// The certificates of clients.
    Certificates,
    /// One object, or a part of it.
    Object(Key, String),
    /// What is used of cpu and memory.
    Usage(Asked),
    /// A question that is answered and not stored, in a namespace or in none.
    Review(Review, Option<String>),
}

/// Reads a path; `None` where it names nothing.
pub fn parse(path: &str) -> Option<Route> {
    let parts: Vec<&str> = path.split('/').filter(|p| !p.is_empty()).collect();
    match parts.as_slice() {
        ["healthz" | "livez" | "readyz"] => Some(Route::Health),
        ["version"] => Some(Route::Version),
        ["api"] => Some(Route::CoreVersions),
        ["wharf", "forecast"] => Some(Route::Forecast),
        ["apis"] => Some(Route::Groups(None)),
        ["openapi", "v3"] => Some(Route::OpenApi(None)),
        ["openapi", "v3", "api", version] => Some(Route::OpenApi(Some((String::new(), (*version).to_owned())))),
        ["openapi", "v3", "apis", group, version] => {
            Some(Route::OpenApi(Some(((*group).to_owned(), (*version).to_owned()))))
        }
        ["wharf", "certificates"] => Some(Route::Certificates),
        ["apis", group] => Some(Route::Groups(Some((*group).to_owned()))),
        ["api", "v1"] => Some(Route::Resources(String::new(), "v1".into())),
        ["apis", group, version] => Some(Route::Resources((*group).to_owned(), (*version).to_owned())),
        ["apis", usage::GROUP, usage::VERSION, rest @ ..] => usage::asked(rest).map(Route::Usage),
        ["api", "v1", rest @ ..] => objects("", "v1", rest),
        ["apis", group, version, rest @ ..] if !group.is_empty() => objects(group, version, rest),
        _ => None,
    }
}

fn objects(group: &str, version: &str, rest: &[&str]) -> Option<Route> {
    let kind = |plural: &str, namespaced| Kind::by_path(group, version, plural).filter(|k| k.namespaced == namespaced);
    let review = match rest {
        ["namespaces", namespace, plural] => Review::find(group, version, plural, true).map(|r| (r, Some(*namespace))),
        [plural] => Review::find(group, version, plural, false).map(|r| (r, None)),
        _ => None,
    };
    if let Some((review, namespace)) = review {
        return Some(Route::Review(review, namespace.map(str::to_owned)));
    }
    if let ["namespaces", namespace, plural, name @ ..] = rest
        && let Some(kind) = kind(plural, true)
    {
        return match name {
            [] => Some(Route::Objects(kind, Some((*namespace).to_owned()))),
            [name, part @ ..] => object(kind, namespace, name, part),
        };
    }
    match rest {
        [plural] => Some(Route::Objects(Kind::by_path(group, version, plural)?, None)),
        [plural, name, part @ ..] => object(kind(plural, false)?, "", name, part),
        [] => None,
    }
}

fn object(kind: &'static Kind, namespace: &str, name: &str, part: &[&str]) -> Option<Route> {
    let part = match part {
        [] => "",
        [part] => part,
        _ => return None,
    };
    Some(Route::Object(Key::new(kind, namespace, name), part.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_objects_and_their_parts() {
        let read = |path| match parse(path) {
            Some(Route::Object(key, part)) => format!("{key} {part}"),
            Some(Route::Objects(kind, namespace)) => format!("all {kind:?} {}", namespace.unwrap_or_default()),
            other => format!("{other:?}"),
        };
        assert_eq!(read("/api/v1/namespaces/shop/pods/web-0/log"), "Pod shop/web-0 log");
        assert_eq!(read("/apis/apps/v1/namespaces/shop/deployments"), "all Deployment shop");
        assert_eq!(read("/apis/apps/v1/deployments"), "all Deployment ");
        assert_eq!(read("/api/v1/namespaces/shop/finalize"), "Namespace shop finalize");
        assert_eq!(read("/api/v1/namespaces/shop"), "Namespace shop ");
        assert_eq!(read("/api/v1/nodes/wharf/status"), "Node wharf status");
        for nothing in [
            "/api/v1/pods/web-0",
            "/api/v1/things",
            "/api/v1/namespaces/a/pods/b/c/d",
            "/apis/apps/v9/deployments",
            "/",
        ] {
            assert_eq!(read(nothing), "None", "{nothing}");
        }
    }
}
